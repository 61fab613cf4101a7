"""The links of this node's mirrors, and when they have to dial anew before they notice it themselves."""

import asyncio
from collections.abc import Callable, Sequence

from lanchat.errors import Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory.offers import record_of
from lanchat.lan.discovery import Discovery, fetch
from lanchat.lan.link import Link
from lanchat.lan.machine import Move
from lanchat.protocol import Quorum
from lanchat.rooms import Room

SIGN_OF_LIFE = 0.7
"""Seconds that a home has to answer where a link reached it, once it has answered somewhere else."""
_MOST_CHECKS = 8


class Links:
    """Keeps the links, and tells them where their homes are.

    Args:
        discovery: what was found.
        make: makes the link of a room; it is given what returns where the home may be, the likeliest first.
    """

    def __init__(self, discovery: Discovery, make: Callable[[Room, Callable[[], Sequence[str]]], Link]) -> None:
        self._discovery = discovery
        self._make = make
        self._links: dict[str, tuple[Room, Link]] = {}
        self._checks: dict[str, asyncio.Task[None]] = {}

    def begin(self, room: Room) -> Link:
        """Begin the link of a mirror."""
        link = self._make(room, lambda: self._addresses(room))
        self._links[room.id] = (room, link)
        return link

    def send(self, room: Room, frame: Quorum) -> None:
        """Send a frame to the home of a room, if there is a link to it."""
        if room.id in self._links:
            self._links[room.id][1].send(frame)

    def found_changed(self) -> None:
        """Let those dial whose homes were seen, and those anew whose homes have moved."""
        self._links = {room: kept for room, kept in self._links.items() if not kept[1].closed}
        for room, link in self._links.values():
            offer = self._discovery.find(room.id)
            if offer is None or offer.by:
                continue
            if not link.online:
                link.nudge()
            elif offer.node.id == room.record.home.id:
                self._check(room, link)

    def moved(self, move: Move) -> None:
        """Let those dial anew whose connections can lead nowhere any more, now that this machine is somewhere else."""
        for _, link in self._links.values():
            if not link.online or move.cuts(link.here):
                link.renew()

    async def close(self) -> None:
        """Look after nobody any more."""
        for check in self._checks.values():
            check.cancel()
        await asyncio.gather(*self._checks.values(), return_exceptions=True)

    def _addresses(self, room: Room) -> Sequence[str]:
        offer = self._discovery.find(room.id)
        now = record_of(offer).addresses if offer and offer.node.id == room.record.home.id else ()
        place = self._discovery.place(room.record.home.id)  # it may offer the room to nobody, as one in a Redis
        return tuple(dict.fromkeys((*now, *([str(place)] if place else []), *room.record.addresses)))

    def _check(self, room: Room, link: Link) -> None:
        """Find out whether a home that answers at another place than that of its link is still where the link goes.

        Anybody can announce a place that leads to it, so that alone ends no link that works.
        """
        place, there = self._discovery.place(room.record.home.id), link.there
        if place is None or not there or place.host == there or len(self._checks) >= _MOST_CHECKS:
            return
        if room.id not in self._checks:
            check = asyncio.create_task(self._renew_unless_there(room, link, NodeAddress(there, place.port)))
            self._checks[room.id] = check
            check.add_done_callback(lambda _: self._checks.pop(room.id, None))

    @staticmethod
    async def _renew_unless_there(room: Room, link: Link, there: NodeAddress) -> None:
        try:
            await fetch(there, room.record.home.id, "api/node", SIGN_OF_LIFE)
        except Unreachable:
            if link.there == there.host:
                link.renew()
