"""Where a room from a stick is put: into the rooms of a node, as a copy or as what is said again."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from lanchat.archive.formats import Header
from lanchat.archive.importing import on_loop
from lanchat.errors import JobError, LanchatError, NoSuchRoom, RoomDeleted, RoomError
from lanchat.journal import Draft, Journal, RoomRecord
from lanchat.protocol import Event, NodeInfo
from lanchat.rooms import Room, RoomRegistry, succession


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
            here.post(Draft.again(event))
            for event in events
            if event.nonce not in known and event.signature and _may_say(here, event)
        ]
        answers = await asyncio.gather(*said, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, RoomError):
                raise answer
        fresh = sum(not isinstance(answer, BaseException) for answer in answers)
        return fresh, len(known), len(events) - len(known) - fresh


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
