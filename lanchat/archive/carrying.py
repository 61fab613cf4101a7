"""A room that comes on a stick: a branch like any other, which is joined with what is here.

Where the room is not here, or is an older copy of the same history whose home is away, the file's events take their own
numbers, as if its home had sent them: so the room is here as it is there, and goes on by the rules by which any room
does. Where it is here already, what is new in the file is said again behind what is here, under the same nonces and
with its original times: as when two branches meet.
"""

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lanchat.archive.formats import Archive, EventLine, Header
from lanchat.archive.importing import on_loop
from lanchat.archive.progress import Cancelled, Progress
from lanchat.errors import (
    DiskFull,
    InvalidArchive,
    InvalidSignature,
    JobError,
    LanchatError,
    NoSuchRoom,
    RoomDeleted,
    RoomError,
)
from lanchat.identity import check, names
from lanchat.journal import Draft, Journal, RoomRecord
from lanchat.protocol import Event, NodeInfo, room_id
from lanchat.rooms import Room, RoomRegistry, succession

BATCH = 64
"""Events that are held, and put into the room, at once."""
CARRIED = 4
"""The first version of the form of an exported room that says by whom and in which term."""
MOST_TERMS = 1_000_000
"""Highest term that a file may name: a copy of a later term follows no home of an earlier one."""


class Carried(msgspec.Struct, frozen=True):
    """What came of a file. As a string it is the sentence that a person reads.

    Attributes:
        name: of the room.
        fresh, known, refused: how many of its entries are new here, were here, and have no place in the room.
    """

    name: str
    fresh: int = 0
    known: int = 0
    refused: int = 0

    def __str__(self) -> str:
        parts = [f"{self.fresh} {'entry' if self.fresh == 1 else 'entries'} came to {self.name}"]
        if self.known:
            parts.append(f"{self.known} {'was' if self.known == 1 else 'were'} there already")
        if self.refused:
            parts.append(f"{self.refused} may not be in it, by the rules of the room")
        return f"{', '.join(parts)}."

    def plus(self, fresh: int, known: int, refused: int) -> "Carried":
        """Return the same with more."""
        return Carried(self.name, self.fresh + fresh, self.known + known, self.refused + refused)


class BranchTarget(Protocol):
    """Where a branch is put. Called in the opening thread."""

    def begin(self, header: Header) -> int:
        """Make the room if it is missing, and return the seq up to which it is a copy of the file; -1 when it is none.

        Raises:
            JobError: this node was the room's home, and has lost it.
            JournalError: it cannot be made.
        """

    def copy(self, room: str, events: Sequence[Event]) -> None:
        """Keep events under their numbers. Raises JournalError, InvalidFrame: they do not follow what is here."""

    def say(self, room: str, events: Sequence[Event]) -> tuple[int, int, int]:
        """Say again what is new; return how many were, how many are known, and how many are refused."""

    def stands(self, room: str, seq: int, nonce: str) -> bool:
        """Return whether the event of this nonce stands at a seq here."""


class LivingBranches:
    """Puts branches into the rooms of a node. Make it on the event loop of the rooms.

    Args:
        node: this node.
        rooms: its rooms.
        journal: keeps what is said in them.
    """

    def __init__(self, node: NodeInfo, rooms: RoomRegistry, journal: Journal) -> None:
        self._node = node
        self._rooms = rooms
        self._journal = journal
        self._loop = asyncio.get_running_loop()

    def begin(self, header: Header) -> int:
        """Make the room if it is missing. As `BranchTarget.begin`."""
        return on_loop(self._begin(header), self._loop)

    def copy(self, room: str, events: Sequence[Event]) -> None:
        """Keep events under their numbers. As `BranchTarget.copy`."""
        on_loop(self._copy(room, events), self._loop)

    def say(self, room: str, events: Sequence[Event]) -> tuple[int, int, int]:
        """Say again what is new. As `BranchTarget.say`."""
        return on_loop(self._say(room, events), self._loop)

    def stands(self, room: str, seq: int, nonce: str) -> bool:
        """Return whether the event of this nonce stands at a seq here. As `BranchTarget.stands`."""
        return on_loop(self._stands(room, seq, nonce), self._loop)

    async def _begin(self, header: Header) -> int:
        try:
            room = self._rooms.get(header.room)
        except RoomDeleted:
            raise
        except NoSuchRoom:
            if header.home.id == self._node.id:
                raise JobError(
                    f"{header.name} had its home at this node, which has it no more; bring it back with: lanchat import"
                ) from None
            record = RoomRecord(header.room, header.name, header.home, header.term)
            room = await self._rooms.settle(succession.owned(record, header.owner, header.salt))
        return room.top if _copies(room, header.term) else -1

    async def _stands(self, room: str, seq: int, nonce: str) -> bool:
        mark = await self._journal.mark(room, seq)
        return mark is not None and mark.nonce == nonce

    async def _copy(self, room: str, events: Sequence[Event]) -> None:
        here = self._rooms.get(room)
        here.skip_past(events[-1].seq)  # they call nobody's attention: they happened elsewhere
        await self._journal.mirror(room, list(events), 1 if here.top else events[0].seq)

    async def _say(self, room: str, events: Sequence[Event]) -> tuple[int, int, int]:
        here = self._rooms.get(room)
        known = await self._journal.ledgers.known(room, [event.nonce for event in events])
        here.skip_past(here.top + len(events))
        said: list[asyncio.Future[Any]] = [
            here.post(_draft(event))
            for event in events
            if event.nonce not in known and event.signature and _may_say(here, event)
        ]
        answers = await asyncio.gather(*said, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, RoomError):
                raise answer
        fresh = sum(not isinstance(answer, BaseException) for answer in answers)
        return fresh, len(known), len(events) - len(known) - fresh


def open_branch(path: Path, target: BranchTarget, progress: Progress) -> Carried:
    """Put a room that was written into a file into this node. The file is checked whole before anything of it is kept.

    Args:
        path: the file.
        target: where it is put.
        progress: stepped while it is checked, and then while it is put there.

    Raises:
        Cancelled: it was cancelled; what was put there by then stays, and opening it again goes on from there.
        InvalidArchive: the file is no room, or was cut or altered, and where; nothing of it was kept.
        DiskFull: there is no room for all of it; what was put there by then stays, as above.
        JobError: this node was the room's home, and has lost it.
        JournalError: it could not be kept, or not all of it.
    """
    with Archive(path, partial(_check_line, progress)) as archive:
        header, room = _check_whole(archive), archive.header.room
        top = target.begin(header)
        copied = top >= 0 and (top == 0 or _goes_on(archive, target, top))
        opened, done = Carried(header.name), 0
        lines = archive.lines()
        try:
            while batch := [_event(room, line) for line in itertools.islice(lines, BATCH)]:
                progress.step(done, archive.count)
                if copied:
                    if fresh := [event for event in batch if event.seq > top]:
                        target.copy(room, fresh)
                    opened = opened.plus(len(fresh), len(batch) - len(fresh), 0)
                else:
                    opened = opened.plus(*target.say(room, batch))
                done += len(batch)
            progress.step(done, archive.count)
        except Cancelled:
            if done < archive.count:
                raise Cancelled(str(opened)) from None
        except DiskFull:
            raise DiskFull(
                f"The disk is full: {done} of {archive.count} entries are here; free some space and open it again."
            ) from None
        return opened


def check_branch(path: Path) -> None:
    """Return if a file is a room that can be joined. Raises InvalidArchive, which says what was altered."""
    with Archive(path, partial(_check_line, Progress())) as archive:
        _check_whole(archive)


def _check_line(progress: Progress, number: int, header: Header, line: EventLine) -> None:
    """Return if a line says what its author said. Raises InvalidArchive, Cancelled."""
    if number % BATCH == 0:
        progress.step(number, 2 * header.count)
    if header.version < CARRIED:
        raise InvalidArchive("Line 1: an older Lanchat wrote this file; write it again with: lanchat carry ROOM FILE")
    if header.term > MOST_TERMS:
        raise InvalidArchive(f"Line 1: term {header.term} is far in the future; no room has had so many homes.")
    if not 1 <= line.term <= header.term:
        raise InvalidArchive(f"Line {number}: term {line.term} is none that this room can have had.")
    try:
        check(_event(header.room, line))
    except InvalidSignature:
        raise InvalidArchive(
            f"Line {number} was altered: {line.author.nick} did not say that, or not in this room. Nothing was taken."
        ) from None


def _check_whole(archive: Archive) -> Header:
    """Return the header of a file whose events are right, if the rest is. Raises InvalidArchive."""
    header, end = archive.header, archive.end
    if header.version < CARRIED:
        raise InvalidArchive("Line 1: an older Lanchat wrote this file; write it again with: lanchat carry ROOM FILE")
    if not end.by:  # where somebody is named, their signature was checked with the rest
        raise InvalidArchive("The last line was altered: nobody has signed the file. Nothing was taken.")
    if header.salt and room_id(header.owner, header.salt) != header.room:
        raise InvalidArchive("Line 1 was altered: this room was not opened by who is named there. Nothing was taken.")
    try:
        home = NodeInfo(id=header.home.id, name=names.node_name(header.home.name))
    except LanchatError as error:
        raise InvalidArchive(f"Line 1: {error}") from None
    return msgspec.structs.replace(header, home=home)


def _goes_on(archive: Archive, target: BranchTarget, top: int) -> bool:
    """Return whether the file has the same history as the room here, as far as both have any."""
    seq = min(top, archive.last)
    line = next((line for line in archive.lines() if line.seq >= seq), None)
    return line is not None and line.seq == seq and target.stands(archive.header.room, seq, line.nonce)


def _copies(room: Room, term: int) -> bool:
    """Return whether what is here of a room is only a copy, with nobody there now who could say what follows."""
    decides = room.seat is not None and room.seat.voter is not None
    return room.kind == "mirror" and not room.info.online and not decides and term <= room.term


def _may_say(room: Room, event: Event) -> bool:
    """Return whether the rules of a room let somebody have said this."""
    try:
        room.door.check_post(event.author, event.kind, event.body.text, event.nonce, link=True)
    except LanchatError:
        return False
    return True


def _draft(event: Event) -> Draft:
    return Draft(
        event.room,
        event.nonce,
        event.author,
        event.body,
        event.kind,
        event.signature,
        event.voucher,
        max(1, event.at),
    )


def _event(room: str, line: EventLine) -> Event:
    return Event(
        room=room,
        seq=line.seq,
        term=line.term,
        nonce=line.nonce,
        author=line.author,
        at=line.at,
        kind=line.kind,
        body=line.body,
        signature=line.signature,
        voucher=line.voucher,
        apart=line.apart,
    )
