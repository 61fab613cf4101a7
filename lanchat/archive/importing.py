"""How an exported room gets into this node: merged with what is here, nothing twice."""

import asyncio
import contextlib
import hashlib
import itertools
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from lanchat.archive.formats import Archive, event_of
from lanchat.archive.progress import Cancelled, Progress
from lanchat.errors import DiskFull, InvalidSignature, JournalFailed, NoSuchMessage, NoSuchRoom, RoomIsHere
from lanchat.identity import check, names
from lanchat.journal import Journal, Merged, RoomRecord
from lanchat.protocol import Author, Event, NodeInfo, is_guest_id, is_key_id, unverified_id
from lanchat.rooms import RoomRegistry

BATCH = 200
"""Events that are merged in one transaction."""
AHEAD = 86_400_000
"""Milliseconds that an event may be dated in the future: clocks differ, also by a time zone."""
_PATIENCE = 1.0
"""Seconds between two looks whether the loop still runs."""
T = TypeVar("T")


class Place(NamedTuple):
    """Where an archive belongs.

    Attributes:
        room: id of the room of this node.
        stands: whether that is a room of this node's own, in which something was said, and no copy of another's.
        since: when it began, as `Event.at`; 0 where that is not known.
    """

    room: str
    stands: bool = False
    since: int = 0


class ImportTarget(Protocol):
    """Where archives are put. Called in the importing thread."""

    def place(self, room: str, name: str) -> Place:
        """Return where an archive of `room` belongs; the room is made when it is missing.

        That is `room` itself when its home is here, else the room of the id `id_here`.
        """

    def knows(self, room: str, nonces: Sequence[str]) -> bool:
        """Return whether the room has all events of these nonces."""

    def merge(self, room: str, events: Sequence[Event]) -> Merged:
        """Number and keep events (Journal.merge)."""


class LivingRooms:
    """Puts archives into the rooms of a node that runs. Make it on the event loop of the rooms.

    Args:
        node: this node.
        rooms: where imported rooms are put.
        journal: where their events are kept.
    """

    def __init__(self, node: NodeInfo, rooms: RoomRegistry, journal: Journal) -> None:
        self._node = node
        self._rooms = rooms
        self._journal = journal
        self._loop = asyncio.get_running_loop()

    def place(self, room: str, name: str) -> Place:
        """Return where an archive belongs. Raises JournalError when it cannot be made."""
        return on_loop(self._place(room, name), self._loop)

    def knows(self, room: str, nonces: Sequence[str]) -> bool:
        """Return whether the room has all events of these nonces. Raises JournalError when that cannot be read."""
        return on_loop(self._knows(room, nonces), self._loop)

    def merge(self, room: str, events: Sequence[Event]) -> Merged:
        """Number and keep events of an archive. Raises JournalError when they cannot be kept."""
        return on_loop(self._merge(room, events), self._loop)

    async def _place(self, room: str, name: str) -> Place:
        with contextlib.suppress(NoSuchRoom):
            found = self._rooms.get(room)
            if found.kind == "home":
                oldest = self._journal.oldest(room)
                first = await self._journal.after(room, oldest - 1, 1)
                # What was removed since may be older than what is left.
                return Place(room, bool(first), first[0].at if first and oldest == 1 else 0)
        record = RoomRecord(id=id_here(self._node.id, room), name=name, home=self._node)
        return Place((await self._rooms.settle(record)).id)

    async def _knows(self, room: str, nonces: Sequence[str]) -> bool:
        try:
            for nonce in nonces:
                await self._journal.around(room, nonce, 1)
        except NoSuchMessage:
            return False
        return True

    async def _merge(self, room: str, events: Sequence[Event]) -> Merged:
        found = self._rooms.get(room)
        found.skip_past(found.top + len(events))  # they call nobody's attention: they happened long ago
        return await self._journal.merge(room, events)


class Imported(msgspec.Struct, frozen=True):
    """What came of an import. As a string it is the sentence that a person reads.

    Attributes:
        room, name: the room that has it now.
        merged: what came of its events.
        forged: how many were left out, because they are not signed by whom they name.
    """

    room: str
    name: str
    merged: Merged
    forged: int = 0

    def __str__(self) -> str:
        merged = self.merged
        parts = [f"{merged.fresh} {'entry is' if merged.fresh == 1 else 'entries are'} now in {self.name}"]
        if merged.known:
            parts.append(f"{merged.known} {'was' if merged.known == 1 else 'were'} there already")
        if merged.refused:
            parts.append(f"{merged.refused} had no place there")
        if self.forged:
            parts.append(f"{self.forged} had a wrong signature and {'was' if self.forged == 1 else 'were'} left out")
        return f"{', '.join(parts)}."


def import_room(path: Path, target: ImportTarget, progress: Progress, *, merge: bool = False) -> Imported:
    """Read an exported room into this node. The file is checked whole before anything of it is kept.

    What is dated before the room began, or after tomorrow, has no place in it.

    Args:
        path: the file.
        target: where it is put.
        progress: stepped between two batches of events.
        merge: whether new entries may go into a room that has its home here: who wrote a file can say anything in it,
            in anybody's name, and a room that people are in would say it to them.

    Raises:
        Cancelled: it was cancelled; what was merged by then stays, and a second import goes on from there.
        InvalidArchive: the file is no exported room, or was cut or changed; nothing of it was kept.
        RoomIsHere: it has new entries for a room that has its home here; nothing of it was kept.
        DiskFull: there is no room for all of it; what was merged by then stays, as above.
        JournalError: it could not be kept, or not all of it.
    """
    with Archive(path) as archive:
        merged, done, forged = Merged(), 0, 0
        source = archive.header.room
        try:
            place = target.place(source, archive.header.name)
            room, until = place.room, (time.time_ns() // 1_000_000) + AHEAD
            if place.stands and not merge:
                _check_known(archive, room, target)
            lines = archive.lines()
            while batch := list(itertools.islice(lines, BATCH)):
                progress.step(done, archive.count)
                genuine = [event for event in (event_of(source, line) for line in batch) if _is_genuine(event)]
                fitting = [_as_known(event, room) for event in genuine if place.since <= event.at <= until]
                step = target.merge(room, fitting)
                left_out = step.refused + len(genuine) - len(fitting)
                merged = Merged(merged.fresh + step.fresh, merged.known + step.known, merged.refused + left_out)
                done, forged = done + len(batch), forged + len(batch) - len(genuine)
            progress.step(done, archive.count)
        except Cancelled:
            if done < archive.count:
                raise Cancelled(str(Imported(room, archive.header.name, merged, forged))) from None
        except DiskFull:
            raise DiskFull(
                f"The disk is full: {done} of {archive.count} entries were brought in;"
                " free some space and import the file again."
            ) from None
        return Imported(room, archive.header.name, merged, forged)


def _check_known(archive: Archive, room: str, target: ImportTarget) -> None:
    """Return if the room has everything that is in an archive. Raises RoomIsHere."""
    lines = archive.lines()
    while batch := list(itertools.islice(lines, BATCH)):
        if not target.knows(room, [line.nonce for line in batch]):
            raise RoomIsHere(
                f"{archive.header.name} has its home here, and the file has entries that are not in it. If you trust "
                "where the file comes from, bring them in with: lanchat import --merge"
            )


def id_here(node: str, room: str) -> str:
    """Return the id under which a node keeps an archive of a room whose home is elsewhere, or is gone.

    It is always the same, so that a second import finds the first; and it is another one than the room's, because two
    homes of one room would number differently.
    """
    return hashlib.sha256(f"lanchat import {node} {room}".encode()).hexdigest()[:32]


def _is_genuine(event: Event) -> bool:
    """Return whether an event is signed rightly, or not at all."""
    if not event.signature:
        return True
    try:
        check(event)
    except InvalidSignature:
        return False
    return True


def _as_known(event: Event, room: str) -> Event:
    """Return an event as it may stand in a room: under its author's id only where the signature says so there.

    A signature is about one room. Elsewhere it says nothing, and without one nobody can know who said it: the words
    stay, under an id that is nobody's.
    """
    author = event.author
    tidy = names.tidy(author.nick) == author.nick
    if event.signature and event.room == room and tidy:
        return event
    claimed = is_key_id(author.id) or is_guest_id(author.id)
    person = unverified_id(author.id) if claimed else author.id
    return msgspec.structs.replace(
        event, room=room, author=Author(id=person, nick=author.nick), signature="", voucher=""
    )


def on_loop(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """Have the loop do something, and wait for it as long as the loop runs. Raises JournalFailed when it has ended."""
    try:
        future = asyncio.run_coroutine_threadsafe(work, loop)
    except RuntimeError:
        work.close()
        raise JournalFailed from None
    while True:
        try:
            return future.result(_PATIENCE)
        except TimeoutError:
            if not loop.is_running():
                future.cancel()
                raise JournalFailed from None
