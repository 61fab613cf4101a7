"""The memberships of those who are here: counted as messages come, told to every window, and kept now and then."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lanchat.errors import JournalError, LanchatError, NotJoined
from lanchat.journal import MembershipRecord, MembershipStore
from lanchat.protocol import Author, Event, Prefer
from lanchat.rooms.memberships.counting import count, fresh
from lanchat.rooms.memberships.participant import Client, Participant
from lanchat.rooms.memberships.tally import Tally
from lanchat.rooms.registry import RoomRegistry
from lanchat.rooms.room import Room

_log = logging.getLogger(__name__)

PAUSE = 0.25
"""Fewest seconds between two times that changes are told and kept."""
MOST_TOLD = 250
"""Most people who are told of changes in a second, as long as nobody has to wait for longer than `LONGEST_PAUSE`."""
LONGEST_PAUSE = 1.0
"""Most seconds between the same."""
PIECE = 32
"""Most events of one room that are counted at once, before others have their turn."""
MOST_WAITING = 2_000
"""Most events of one room that are remembered until they are counted; more of them are counted in the journal."""


class MembershipBook:
    """Which rooms the people of this node are in, and what they have not read there.

    What one client of a person does is told to all their clients. Nothing is asked of the journal for each message:
    what comes is counted for those who are here, once for everybody, and only what was deleted or marked as unread
    again is counted anew.

    Args:
        store: keeps it.
        rooms: the rooms of this node.
    """

    def __init__(self, store: MembershipStore, rooms: RoomRegistry) -> None:
        self._store = store
        self._rooms = rooms
        self._people: dict[str, Participant] = {}
        self._in_room: dict[str, set[str]] = {}
        self._fresh: dict[str, list[Event]] = {}
        self._unkept: dict[tuple[str, str], MembershipRecord] = {}
        self._rooms_changed = False
        self._wake = asyncio.Event()

    async def arrive(self, author: Author, client: Client) -> None:
        """Tell a client which rooms its person is in, now and on every change."""
        someone = self._people.setdefault(author.id, Participant(author))
        someone.author = author
        someone.clients.append(client)
        try:
            if someone.reload:
                await self._load(someone)
            await self._count(someone, [tally for tally in someone.rooms.values() if tally.stale])
        except JournalError as error:
            _log.warning("What somebody has read cannot be found out now: %s", error)
        someone.tell_all([client])

    def leave(self, person: str, client: Client) -> None:
        """Tell a client nothing more."""
        someone = self._people.get(person)
        if someone is None or client not in someone.clients:
            return
        someone.clients.remove(client)
        if not someone.clients:
            del self._people[person]
            for room in someone.rooms:
                self._part(person, room)

    def rename(self, author: Author) -> None:
        """Note the new nick of somebody: it decides what mentions them."""
        if someone := self._people.get(author.id):
            someone.author = author

    def enter(self, person: str, room: Room) -> None:
        """Note that somebody who is here came into a room. What was said before they did is not unread."""
        someone = self._people.get(person)
        if someone is None or room.id in someone.rooms:
            return
        record = MembershipRecord(person, room.id, read=max(room.top, room.past))
        self._join(someone, record)
        self._change(someone, record)

    async def quit(self, person: str, room: str) -> None:
        """Note that somebody is not in a room any more. Raises JournalError."""
        self._unkept.pop((person, room), None)
        await self._store.drop(person, room)
        someone = self._people.get(person)
        if someone is not None and someone.rooms.pop(room, None) is not None:
            self._part(person, room)
            someone.changed.discard(room)
            someone.gone.add(room)
            self._wake.set()

    def read(self, person: str, room: Room, seq: int, *, back: bool = False) -> None:
        """Note how far somebody has read a room; `back` lets it be less than before."""
        someone = self._people.get(person)
        tally = someone.rooms.get(room.id) if someone is not None else None
        if someone is None or tally is None:
            return
        place = min(seq, room.top)
        if place > tally.record.read or (back and place != tally.record.read):
            self._change(someone, replace(tally.record, read=place))

    def read_all(self, person: str) -> None:
        """Note that somebody counts everything as read."""
        someone = self._people.get(person)
        for room in [room for room in someone.rooms if room in self._rooms] if someone is not None else ():
            living = self._rooms.get(room)
            self.read(person, living, living.top)

    def prefer(self, person: str, wish: Prefer) -> None:
        """Note how somebody wants a room. Raises NotJoined: they are not in it."""
        someone = self._people.get(person)
        tally = someone.rooms.get(wish.room) if someone is not None else None
        if someone is None or tally is None:
            raise NotJoined
        given = {"notices": wish.notices, "favourite": wish.favourite, "view": wish.view}
        record = replace(tally.record, **{name: value for name, value in given.items() if value is not None})
        if record != tally.record:
            self._change(someone, record)

    def arrange(self, person: str, rooms: Sequence[str]) -> None:
        """Note in which order somebody wants some of their rooms, before all others."""
        someone = self._people.get(person)
        if someone is None:
            return
        places = {room: place for place, room in enumerate(rooms, 1)}
        for room, tally in someone.rooms.items():
            if places.get(room, 0) != tally.record.place:
                self._change(someone, replace(tally.record, place=places.get(room, 0)))

    def note(self, room: str, events: Sequence[Event]) -> None:
        """Note what was kept just now in a room. It waits for nothing: the journal tells of it before it goes on."""
        if room in self._in_room:
            waiting = self._fresh.setdefault(room, [])
            if len(waiting) <= MOST_WAITING:
                waiting += events
            self._wake.set()

    def rooms_changed(self) -> None:
        """Note that a room may be gone, or may have given way to another."""
        self._rooms_changed = True
        self._wake.set()

    async def run(self) -> None:
        """Tell and keep changes as they come, until it is cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            told = 0
            try:
                told = await self.tell()
            except LanchatError as error:
                _log.warning("What is unread could not be counted or kept: %s", error)
            await asyncio.sleep(pause_after(told))

    async def close(self) -> None:
        """Keep what is not kept yet."""
        try:
            await self._keep()
        except JournalError as error:
            _log.warning("How far people have read lately is not kept: %s", error)

    async def tell(self) -> int:
        """Keep what has changed, count, and tell everybody whom it concerns; return how many. Raises JournalError."""
        await self._keep()
        if self._rooms_changed:
            self._rooms_changed = False
            self._find_gone()
        await self._take_fresh()
        told = 0
        for someone in tuple(self._people.values()):
            told += someone.to_tell
            if someone.reload:
                await self._load(someone)
                await self._count(someone, someone.rooms.values())
                someone.tell_all(someone.clients)
            elif someone.to_tell:
                await self._tell_changes(someone)
        return told

    async def _take_fresh(self) -> None:
        """Count what has come, in pieces: the words that somebody says at once must not hold up everybody else."""
        fresh, self._fresh = self._fresh, {}
        for room, events in fresh.items():
            for begin in range(0, len(events), PIECE):
                self._take(room, events[begin : begin + PIECE], missed=len(events) > MOST_WAITING)
                await asyncio.sleep(0)

    async def _tell_changes(self, someone: Participant) -> None:
        told, gone = set(someone.changed), set(someone.gone)
        tallies = [someone.rooms[room] for room in told if room in someone.rooms]
        await self._count(someone, [tally for tally in tallies if tally.stale])
        someone.tell(tallies, gone)
        stale = {tally.record.room for tally in tallies if tally.stale}
        someone.gone -= gone
        someone.changed = (someone.changed - told) | (someone.changed & stale)
        if someone.changed:
            self._wake.set()

    def _take(self, room: str, events: Sequence[Event], *, missed: bool) -> None:
        """Count events for everybody who is in their room and here; `missed`: there were more."""
        people = [self._people[person] for person in self._in_room.get(room, ()) if person in self._people]
        if room not in self._rooms or not people:
            return
        undone = any(event.kind in {"deletion", "rule"} for event in events)
        arrived = fresh(self._rooms.get(room), events, [someone.author for someone in people])
        for someone in people:
            tally = someone.rooms[room]
            tally.stale = tally.stale or missed
            differs = tally.take(arrived)
            if undone:
                tally.lost()
            if tally.stale or differs:
                someone.changed.add(room)

    async def _count(self, someone: Participant, tallies: Iterable[Tally]) -> None:
        """Count what is unread in the journal. Raises JournalError."""
        for tally in list(tallies):
            record = tally.record
            if record.room in self._rooms and await count(
                self._store, self._rooms.get(record.room), someone.author, tally
            ):
                self._unkept[record.person, record.room] = tally.record

    async def _load(self, someone: Participant) -> None:
        """Take what is kept of somebody. Raises JournalError."""
        person = someone.author.id
        kept = {record.room: record for record in await self._store.of_person(person)}
        kept |= {room: record for (whose, room), record in self._unkept.items() if whose == person}
        for room in someone.rooms:
            self._part(person, room)
        someone.rooms.clear()
        someone.reload = False
        for record in kept.values():
            if record.room in self._rooms:
                self._join(someone, record)

    def _join(self, someone: Participant, record: MembershipRecord) -> None:
        someone.rooms[record.room] = Tally(record)
        self._in_room.setdefault(record.room, set()).add(someone.author.id)

    def _part(self, person: str, room: str) -> None:
        people = self._in_room.get(room, set())
        people.discard(person)
        if not people:
            self._in_room.pop(room, None)

    def _change(self, someone: Participant, record: MembershipRecord) -> None:
        record = replace(record, at=time.time_ns() // 1_000_000)
        someone.rooms[record.room].move(record, self._rooms.get(record.room).top)
        someone.changed.add(record.room)
        self._unkept[record.person, record.room] = record
        self._wake.set()

    def _find_gone(self) -> None:
        """Have those read their memberships anew who were in a room that is gone: another may have taken its place."""
        for room in [room for room in self._in_room if room not in self._rooms]:
            for person in self._in_room[room]:
                self._people[person].reload = True

    async def _keep(self) -> None:
        """Keep what has changed. Raises JournalError: it is kept with what changes next."""
        unkept = dict(self._unkept)
        if unkept:
            await self._store.put(list(unkept.values()))
        self._unkept = {key: record for key, record in self._unkept.items() if unkept.get(key) is not record}


def pause_after(told: int) -> float:
    """Return how many seconds nobody is told anything, after so many people were. Pure."""
    return min(LONGEST_PAUSE, max(PAUSE, told / MOST_TOLD))
