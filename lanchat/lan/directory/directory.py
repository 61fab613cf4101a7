"""The list of rooms: what windows and guests are shown, and what is announced to the network."""

import asyncio
import heapq
import logging
import time
from collections.abc import Collection, Iterable
from typing import NamedTuple

from lanchat.lan.directory.network import Network
from lanchat.lan.directory.unions import Unions
from lanchat.lan.discovery import Advert
from lanchat.layers import BaseChannelLayer
from lanchat.limits import Limits
from lanchat.protocol import MAX_SENT, RoomInfo, RoomList, encode
from lanchat.rooms import Room, RoomRegistry, succession

_log = logging.getLogger(__name__)
_PAUSE = 0.1
_BYTES = 16 * 1024
_SHARE = 10
_NOBODY: Collection[str] = ()


class _Listed(NamedTuple):
    """A list as it was made: when, the ids in it, and its frame."""

    at: float
    rooms: frozenset[str]
    frame: bytes


class Directory:
    """Keeps the lists of rooms current. Changes that come close together are told once.

    A list holds the rooms with the most people and the most said, so many that it is one frame; who is in another one
    has that in the list as well. The rest is found by its name. What is sent to the layer only says that there is a
    new list: each door makes it, once for everybody.

    Args:
        rooms: the rooms of this node.
        network: the rooms of others.
        layer: tells the listeners that a list has changed.
        groups: the layer's group of listeners, by kind of client: `window` and `guest`.
        unions: brings rooms of one name together.
        limits: how many rooms are listed and announced.
    """

    def __init__(  # noqa: PLR0917
        self,
        rooms: RoomRegistry,
        network: Network,
        layer: BaseChannelLayer,
        groups: dict[str, str],
        unions: Unions,
        limits: Limits | None = None,
    ) -> None:
        self._rooms = rooms
        self._network = network
        self._layer = layer
        self._groups = groups
        self._unions = unions
        self._limits = limits or Limits()
        self._dirty = asyncio.Event()
        self._rivals = asyncio.Event()
        self._told = asyncio.Condition()
        self._lists: dict[str, _Listed] = {}
        self._advertised: frozenset[str] = frozenset()

    def changed(self) -> None:
        """Note that a list has to be told again."""
        self._lists.clear()
        self._dirty.set()
        self._rivals.set()

    async def next_change(self) -> None:
        """Wait until a change was told."""
        async with self._told:
            await self._told.wait()

    def list_for(self, kind: str, joined: Collection[str] = _NOBODY) -> bytes:
        """Return the encoded list: for a `guest` this node's rooms, for a `window` those of the network as well.

        Args:
            kind: who gets it.
            joined: ids of the rooms that must be in it.
        """
        known = self._lists.get(kind)
        if known is None or time.monotonic() - known.at > _PAUSE:
            known = self._lists[kind] = self._list(kind, _NOBODY)
        return known.frame if known.rooms.issuperset(joined) else self._list(kind, joined).frame

    def offered(self) -> list[Room]:
        """Return the rooms that this node tells others of when they ask, first those that it announces as well."""
        here = [room for room in self._rooms if self._offers(room)]
        return heapq.nsmallest(
            self._limits.rooms_listed, here, key=lambda room: (room.id not in self._advertised, *_rank(room))
        )

    def _offers(self, room: Room) -> bool:
        """Whether others are told of a room: by its home, and while that is away by some who have a mirror of it."""
        policy = room.door.policy
        if room.kind == "home":
            return policy.listed
        open_to_all = policy.listed and policy.door == "open" and not policy.locked and room.door.outside is None
        if not open_to_all or room.top == 0 or room.info.online or succession.is_shared(room.record):
            return False
        return self._network.may_introduce(room.id)

    async def run(self) -> None:
        """Tell changes as they come, and let rooms go that have a better namesake, until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_telling())
            tasks.create_task(self._keep_giving_way())

    async def _keep_telling(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            pause = _PAUSE
            try:
                pause = await self._tell()
            except Exception:  # noqa: BLE001 - the next change must still be told
                _log.exception("The list of rooms could not be told")
            await asyncio.sleep(pause)

    async def _keep_giving_way(self) -> None:
        while True:
            await self._rivals.wait()
            self._rivals.clear()
            try:
                if pause := await self._unions.look():
                    asyncio.get_running_loop().call_later(pause, self._rivals.set)
            except Exception:  # noqa: BLE001 - the next change may bring what can be done
                _log.exception("Of rooms of one name all stay for now")
            await asyncio.sleep(_PAUSE)

    async def _tell(self) -> float:
        """Tell how it is now, and return the seconds until the next time: a tenth of the loop's time goes to lists."""
        begun = time.perf_counter()
        largest = max(len(self.list_for(kind)) for kind in self._groups)
        adverts = self._adverts()
        pause = max(_PAUSE * (1 + largest / _BYTES), _SHARE * (time.perf_counter() - begun))
        for group in self._groups.values():
            await self._layer.group_send(group, {"type": "node.rooms"})
        async with self._told:
            self._told.notify_all()
        await self._network.discovery.advertise(adverts)
        return pause

    def _adverts(self) -> list[Advert]:
        """Return what is announced. What was announced already stays before others, so that nobody can push it out."""
        told = self.offered()[: self._limits.rooms_advertised]
        self._advertised = frozenset(room.id for room in told)
        return [Advert(room.id, room.name, len(room.presence), introduced=room.kind == "mirror") for room in told]

    def _list(self, kind: str, joined: Collection[str]) -> _Listed:
        every = {room.id: room for room in self._rooms}
        shown = [room for room in every.values() if kind == "window" or room.door.policy.listed or room.id in joined]
        found = self._network.found() if kind == "window" else []
        others = [info for info in found if info.id not in every]
        wanted = set(joined)
        ranked: Iterable[Room | RoomInfo] = heapq.nsmallest(
            self._limits.rooms_listed, [*shown, *others], key=lambda room: (room.id not in wanted, *_rank(room))
        )
        infos = [room if isinstance(room, RoomInfo) else room.info for room in ranked]
        if kind == "window":
            infos = list(map(self._network.bridges.marked, infos))
        while True:
            more = len(shown) + len(others) - len(infos)
            frame = encode(RoomList(rooms=sorted(infos, key=_order), more=more))
            if len(frame) <= MAX_SENT:
                return _Listed(time.monotonic(), frozenset(info.id for info in infos), frame)
            infos = infos[: len(infos) // 2]


def _rank(room: Room | RoomInfo) -> tuple[int, int, str]:
    """Return what comes first: several people before much that was said, before one person who may be in every room."""
    members = room.members if isinstance(room, RoomInfo) else len(room.presence)
    return (-members if members > 1 else 0, -room.top, room.id)


def _order(info: RoomInfo) -> tuple[int, str, str]:
    return (("home", "mirror", "found").index(info.kind), info.name.casefold(), info.id)
