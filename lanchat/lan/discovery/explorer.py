"""Looking for nodes on purpose: at an address that a person gives, or at each one of the own subnets."""

import asyncio
import contextlib

from lanchat.config import LAN_PORT
from lanchat.errors import InvalidSetting, SlowDown, Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.finder import Finder
from lanchat.lan.discovery.probe import Probe
from lanchat.lan.discovery.unicast import sweep, to_sweep
from lanchat.lan.machine import MachineWatch
from lanchat.protocol import NodeInfo

BETWEEN = 10.0
"""Seconds from the end of a search of the subnets to the next one: it is seen in the logs of other machines."""
LISTED = 3.0
"""Seconds to wait until what a node has is in the list."""


class Explorer:
    """Asks places that nobody has named whether a node is there.

    Args:
        finder: takes whoever was found.
        probe: how to ask.
        machine: which subnets this machine is in.
        node: id of this node, which is not looked for.
    """

    def __init__(self, finder: Finder, probe: Probe, machine: MachineWatch, node: str) -> None:
        self._finder = finder
        self._probe = probe
        self._machine = machine
        self._node = node
        self._searching = asyncio.Lock()
        self._rested = 0.0

    async def at(self, address: str) -> NodeInfo:
        """Return the node at an address, as a person writes it; its rooms are found from now on.

        Raises:
            InvalidSetting: it is no address, or that of this node.
            Unreachable: no node answers there.
        """
        place = NodeAddress.parse(address)
        node = await self._who(place)
        if node.id == self._node:
            raise InvalidSetting(f"{address} is this machine itself.")
        await self._listed(node)
        return node

    async def around(self) -> tuple[list[NodeInfo], int]:
        """Return the nodes in the own subnets, and at how many addresses was looked for them.

        Raises:
            SlowDown: that was done just now.
        """
        clock = asyncio.get_running_loop().time
        if self._searching.locked() or self._rested > clock():
            raise SlowDown("This subnet was searched just now; try again in a few seconds.")
        found: dict[str, NodeInfo] = {}

        async def ask(address: str) -> None:
            with contextlib.suppress(Unreachable):
                node = await self._who(NodeAddress(address, LAN_PORT))
                if node.id != self._node:
                    found[node.id] = node

        async with self._searching:
            addresses = to_sweep(self._machine.reach.near)
            await sweep(addresses, LAN_PORT, ask)
            for node in found.values():
                await self._listed(node)
            self._rested = clock() + BETWEEN
        return list(found.values()), len(addresses)

    async def _who(self, place: NodeAddress) -> NodeInfo:
        """Return who answers at a place, and has the key that its id is made from. Raises Unreachable."""
        claimed = (await self._probe.ask(place.host, place.port, "")).node.id
        node = (await self._probe.ask(place.host, place.port, claimed)).node
        self._finder.meet(node.id, place, trusted=True)
        return node

    async def _listed(self, node: NodeInfo) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTED):
                while self._finder.place(node.id) is None:
                    await self._finder.next_change()
