"""Who carries frames about rooms' voters to which node: one courier for each room and node."""

import asyncio
from collections.abc import Sequence

from lanchat.identity import NodeCertificate, Seal
from lanchat.lan.link import Courier
from lanchat.protocol import NodeInfo, Quorum

MOST = 256
"""Most of them. Beyond it those go that have nothing to carry, and a frame that needs one more is lost."""


class Couriers:
    """Makes a courier where one is needed, and lets those go that are not.

    Args:
        node: this node.
        seal: of its person.
        certificate: by which this node proves which one it is.
    """

    def __init__(self, node: NodeInfo, seal: Seal, certificate: NodeCertificate) -> None:
        self._node = node
        self._seal = seal
        self._certificate = certificate
        self._couriers: dict[tuple[str, str], Courier] = {}

    def carry(self, room: str, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        """Send a frame about a room to a node, at one of some addresses; it may be lost."""
        key = room, node
        courier = self._couriers.get(key)
        if courier is None:
            if len(self._couriers) >= MOST:
                self._couriers = {key: busy for key, busy in self._couriers.items() if not busy.idle}
            if len(self._couriers) >= MOST:
                return
            courier = Courier(room, node, me=self._node, seal=self._seal, certificate=self._certificate)
            self._couriers[key] = courier
        courier.addresses = addresses
        courier.send(frame)

    async def close(self) -> None:
        """Carry no more to anybody."""
        await asyncio.gather(*(courier.close() for courier in self._couriers.values()))
