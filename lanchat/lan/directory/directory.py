"""The list of rooms: what windows and guests are shown, and what is announced to the network."""

import asyncio
import logging

from lanchat.lan.directory.network import Network
from lanchat.lan.discovery import Advert
from lanchat.layers import BaseChannelLayer
from lanchat.protocol import RoomInfo, RoomList, encode
from lanchat.rooms import RoomRegistry

_log = logging.getLogger(__name__)
_PAUSE = 0.1


class Directory:
    """Keeps the lists of rooms current. Changes that come close together are told once.

    Args:
        rooms: the rooms of this node.
        network: the rooms of others.
        layer: carries the list to its listeners.
        groups: the layer's group of listeners, by kind of client: `window` and `guest`.
    """

    def __init__(self, rooms: RoomRegistry, network: Network, layer: BaseChannelLayer, groups: dict[str, str]) -> None:
        self._rooms = rooms
        self._network = network
        self._layer = layer
        self._groups = groups
        self._dirty = asyncio.Event()
        self._told = asyncio.Condition()

    def changed(self) -> None:
        """Note that a list has to be told again."""
        self._dirty.set()

    async def next_change(self) -> None:
        """Wait until a change was told."""
        async with self._told:
            await self._told.wait()

    def list_for(self, kind: str) -> bytes:
        """Return the encoded list: for a `guest` this node's rooms, for a `window` those of the network as well."""
        here = [room.info for room in self._rooms]
        known = {info.id for info in here}
        found = [info for info in self._network.found() if info.id not in known] if kind == "window" else []
        return encode(RoomList(rooms=sorted([*here, *found], key=_order)))

    async def run(self) -> None:
        """Tell changes as they come, until it is cancelled."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._rooms.yield_to_rivals(self._network.found())
                await self._tell()
            except Exception:  # noqa: BLE001 - the next change must still be told
                _log.exception("The list of rooms could not be told")
            await asyncio.sleep(_PAUSE)

    async def _tell(self) -> None:
        for kind, group in self._groups.items():
            await self._layer.group_send(group, {"type": "node.frame", "frame": self.list_for(kind)})
        async with self._told:
            self._told.notify_all()
        await self._network.discovery.advertise(
            Advert(id=room.id, name=room.name, members=len(room.presence))
            for room in self._rooms
            if room.kind == "home"
        )


def _order(info: RoomInfo) -> tuple[int, str, str]:
    return (("home", "mirror", "found").index(info.kind), info.name.casefold(), info.id)
