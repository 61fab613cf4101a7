"""Passing rooms on between two networks of this machine whose nodes do not reach each other.

A machine with two network cards sees both sides; those on the one do not see those on the other, unless there is a
router between. So a room whose home is on the one side is offered to be passed on, and where the person of this machine
says so, nodes of the other side are told that its home answers at this machine's address there. Whoever dials that and
names the home (RFC 6066, section 3) is connected with it. Both speak TLS with each other through this machine, under
their own keys, so they know who the other is, and nothing is read or changed on the way.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address, ip_interface
from pathlib import Path

import msgspec

from lanchat.errors import InvalidFrame, LimitReached
from lanchat.lan.addresses import InterfaceAddress, reach, read_links
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory.witness_probe import WitnessProbe
from lanchat.lan.discovery import ToldNode
from lanchat.protocol import RoomInfo
from lanchat.rooms import Room, succession

EVERY = 2.0
"""Seconds between two looks at who reaches whom."""
APART = 10.0
"""Seconds for which somebody must not have reached a home before passing its room on is offered: all may just start."""
MOST = 16
"""Most rooms that are passed on."""
_MOST_BYTES = 4_096


class Bridges:
    """Which rooms are passed on, and which could be.

    Args:
        probe: has asked the nodes of all networks.
        place: gives where a node answers; None where it does not.
        on_change: called when `marked` gives something else.
        links: gives the addresses of this machine.
        memory: file in which is kept which rooms are passed on; None keeps nothing.

    Attributes:
        port: TCP port at which this node answers; 0 while nobody reaches it.
    """

    def __init__(
        self,
        probe: WitnessProbe,
        place: Callable[[str], NodeAddress | None],
        on_change: Callable[[], None],
        links: Callable[[], Iterable[InterfaceAddress]],
        memory: Path | None = None,
    ) -> None:
        self.port = 0
        self._probe = probe
        self._place = place
        self._on_change = on_change
        self._links = links
        self._memory = memory
        self._on: dict[str, None] = {}
        self._homes: Mapping[str, str] = {}
        self._sides: tuple[InterfaceAddress, ...] = ()
        self._since: dict[str, float] = {}
        self._offered: frozenset[str] = frozenset()
        probe.relayed = lambda node: not self.passes(node)

    async def run(self, rooms: Iterable[Room]) -> None:
        """Look now and then who reaches whom, until it is cancelled.

        Args:
            rooms: the rooms of this node.
        """
        self._on = dict.fromkeys(await asyncio.to_thread(self.kept))
        while True:
            self.look(rooms, await asyncio.to_thread(lambda: tuple(self._links())), time.monotonic())
            await asyncio.sleep(EVERY)

    def look(self, rooms: Iterable[Room], links: Iterable[InterfaceAddress], now: float) -> None:
        """Take how it is now: the rooms, the own addresses, and what the nodes have answered."""
        self._sides = tuple(link for link in links if not link.needs_zone and not ip_address(link.address).is_loopback)
        mirrors = [room for room in rooms if room.kind == "mirror" and not succession.is_shared(room.record)]
        self._homes = {room.id: room.record.home.id for room in mirrors if room.id in self._on}
        apart = {room.id for room in mirrors if room.door.policy.listed and self._is_apart(room, now)}
        self._since = {room: self._since.get(room, now) for room in apart}
        offered = frozenset(room for room, since in self._since.items() if now - since >= APART) - self._on.keys()
        if offered != self._offered:
            self._offered = offered
            self._on_change()

    def marked(self, info: RoomInfo) -> RoomInfo:
        """Return a line of the list with whether the room is passed on, or could be."""
        if info.id in self._homes:
            return msgspec.structs.replace(info, bridge="on")
        return msgspec.structs.replace(info, bridge="offered") if info.id in self._offered else info

    async def turn(self, room: Room, *, on: bool) -> None:
        """Pass a room on from now on, or no more.

        Raises:
            InvalidFrame: the room has its home here, so everybody who reaches this machine reaches it.
            LimitReached: so many are passed on already.
        """
        if on and (room.kind != "mirror" or succession.is_shared(room.record)):
            raise InvalidFrame("bridge: only a room that has its home at another machine can be passed on.")
        if on and room.id not in self._on and len(self._on) >= MOST:
            raise LimitReached(f"This machine passes {MOST} rooms on already; end one of them first.")
        if on:
            self._on[room.id] = None
            self._homes = {**self._homes, room.id: room.record.home.id}
        else:
            self._on.pop(room.id, None)
            self._homes = {each: home for each, home in self._homes.items() if each != room.id}
        self._on_change()
        await asyncio.to_thread(self._save, list(self._on))

    def passes(self, node: str) -> bool:
        """Return whether others are passed on to a node."""
        return node in self._homes.values()

    def home(self, node: str) -> NodeAddress | None:
        """Return where a node answers to which others are passed on; None where nobody is passed on to it."""
        if not self.passes(node):
            return None
        place = self._place(node)
        return place if place is not None and self._side(place.host) is not None else None

    @property
    def any(self) -> bool:
        """Whether somebody could be passed on."""
        return bool(self._homes)

    def told(self, asked_at: str) -> list[ToldNode]:
        """Return the homes that answer at this machine for who has asked at one of its addresses."""
        side = self._side(asked_at)
        if side is None or not self.port:
            return []
        here = str(NodeAddress(asked_at, self.port))
        homes = dict.fromkeys(self._homes.values())
        return [ToldNode(id=home, address=here) for home in homes if self._beyond(home, side)]

    def _beyond(self, home: str, side: InterfaceAddress) -> bool:
        place = self.home(home)
        return place is not None and self._side(place.host) != side

    def _is_apart(self, room: Room, now: float) -> bool:
        """Whether a node on another side than the home of a room does not reach that."""
        home = room.record.home.id
        place = self._place(home)
        side = self._side(place.host) if place is not None else None
        if side is None or not room.info.online:
            return False
        return any(
            self._side(witness.host) not in {None, side} and witness.reaches(home) is False
            for node, witness in self._probe.witnesses(now)
            if node != home
        )

    def _side(self, host: str) -> InterfaceAddress | None:
        """Return through which of the own addresses a node is reached without a router."""
        with contextlib.suppress(ValueError):
            address = ip_address(host)
            for link in self._sides:
                network = ip_interface(f"{link.address}/{link.prefix}").network
                if address.version == network.version and address in network:
                    return link
        return None

    def kept(self) -> list[str]:
        """Return the ids of the rooms that the file names; none where it cannot be read."""
        if self._memory is None:
            return []
        try:
            with self._memory.open("rb") as file:
                return msgspec.json.decode(file.read(_MOST_BYTES), type=list[str])[:MOST]
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return []

    def _save(self, rooms: list[str]) -> None:
        if self._memory is None:
            return
        with contextlib.suppress(OSError):  # then it is turned on again by hand
            new = self._memory.with_name(f"{self._memory.name}.new")
            new.write_bytes(msgspec.json.encode(rooms))
            os.replace(new, self._memory)  # noqa: PTH105


def own_links(bind: str) -> Callable[[], Iterable[InterfaceAddress]]:
    """Return what gives the addresses of this machine that a node uses, which is told `bind`."""
    return lambda: reach(read_links(), bind).own
