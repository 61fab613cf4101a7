"""This node's history of a shared room: what comes from Redis, what Redis has lost, and where the two part."""

import logging
from collections.abc import Callable, Sequence

from lanchat.errors import InvalidFrame, InvalidNick, InvalidSignature, NotYours
from lanchat.identity import Seal, check_all
from lanchat.journal import Journal
from lanchat.lan.shared.entries import StreamEntry, event_of
from lanchat.lan.shared.filling import Filling
from lanchat.lan.shared.stream import Meeting, RoomStream, View
from lanchat.protocol import MAX_PAGE, Event
from lanchat.rooms import Doorkeeper, Room, succession

_log = logging.getLogger(__name__)


class ForeignEntry(Exception):
    """No node can have written what lies in the stream at this seq.

    Args:
        seq: where it lies.
        reason: a sentence that says what is wrong with it.
    """

    def __init__(self, seq: int, reason: object) -> None:
        super().__init__(f"Entry {seq} is taken out of the stream: {reason}")
        self.seq = seq


class SharedHistory:
    """Keeps the mirror of a shared room as Redis has it, and Redis as the mirror has it where Redis has lost something.

    Args:
        room: the mirror.
        stream: the room's keys in Redis.
        journal: keeps the mirror.
        doors: follows the rules of the room.
        seal: signs what leaves this node.
        tell: told of what is numbered and kept here.
    """

    def __init__(  # noqa: PLR0917
        self,
        room: Room,
        stream: RoomStream,
        journal: Journal,
        doors: Doorkeeper,
        seal: Seal,
        tell: Callable[[Room, Sequence[Event]], None],
    ) -> None:
        self._room = room
        self._stream = stream
        self._journal = journal
        self._doors = doors
        self._seal = seal
        self._tell = tell

    async def last(self) -> Event | None:
        """Return the last event that this node has. Raises JournalError."""
        found = await self._journal.before(self._room.id, self._room.top + 1, 1)
        return found[-1] if found else None

    async def take(self, view: View) -> bool:
        """Keep what comes next; True when there was something.

        Raises:
            OtherHistory: Redis keeps nothing any more of what comes behind what is here.
            ForeignEntry: what comes next was not said by who it says, or is no event of this room.
            LanchatError: it could not be kept.
        """
        entries = view.entries
        if not entries and 0 < view.foreign <= view.kept:
            raise ForeignEntry(view.foreign, "it has another form.")
        while entries:
            try:
                await self._keep(entries, view)
            except (InvalidFrame, InvalidNick, InvalidSignature, NotYours) as error:
                if len(entries) == 1:
                    raise ForeignEntry(entries[0].seq, error) from None
                entries = entries[: len(entries) // 2]
            else:
                return True
        return False

    async def settle(self, view: View) -> bool:
        """See whether Redis has the history that this node has; where not, what differs waits to be said again.

        Returns:
            Whether it was the same. Where Redis has less than it says, something was lost: then nothing waits, and the
            nodes have to meet.

        Raises:
            LanchatError: it could not be seen, or what was here could not be kept.
        """
        top = self._room.top
        await self._room.kept.raise_term(view.term)
        if top == 0 or top < view.oldest - 1:
            return True
        if await self._same(min(top, view.last)) and top <= view.last:
            return True
        if (fork := await self._fork(view)) is None:
            return False
        _log.warning(
            "Redis has another history of room %r behind %d; what was said here since then is said again",
            self._room.name,
            fork,
        )
        ledgers = self._journal.ledgers
        while await ledgers.retreat(self._room.id, fork):
            pass
        await ledgers.leave(self._room.record)
        await self._doors.restore(self._room.record)
        await self._room.start_over()
        return False

    async def fill(self, node: str, meeting: Meeting) -> int:
        """Bring back what Redis has lost, and let the room be numbered again; return how many events that were.

        Args:
            node: id of this node.
            meeting: that has chosen it.

        Raises:
            LanchatError: Redis, or the journal, cannot be reached.
        """
        room, last = self._room.id, meeting.last
        oldest = self._journal.oldest(room)
        filling = Filling(room, self._stream, self._journal, self._doors, self._seal, node)
        if last == 0 and not await filling.begin(meeting.term, oldest):
            return 0
        fits = oldest <= last + 1 if last else True
        place = max(last, oldest - 1) if fits and (not last or await self._same(last)) else self._room.top
        brought = 0
        while (count := await filling.page(meeting.term, place + brought, final=True)) is not None:
            brought += count
            if count < MAX_PAGE:
                break
        return brought

    async def _keep(self, entries: Sequence[StreamEntry], view: View) -> None:
        events = await self._checked(entries)
        if events[0].seq != self._room.top + 1:
            if events[0].seq != view.oldest:
                raise InvalidFrame(f"event {self._room.top + 1} belongs there.")
            if self._room.top:
                raise succession.OtherHistory  # what is here would go: never without a copy of it
            await self._learn()
        if not self._room.top:
            self._room.skip_past(view.kept)
        await self._journal.mirror(self._room.id, events, view.oldest)
        self._tell(self._room, events)

    async def _checked(self, entries: Sequence[StreamEntry]) -> list[Event]:
        events = [event_of(each, self._room.id, self._doors.owner) for each in entries]
        await check_all(events)
        return events

    async def _learn(self) -> None:
        """Learn the rules that are older than what Redis keeps of the history."""
        rules = await self._checked(await self._stream.rules())
        await self._doors.learn(self._room.record, rules)

    async def _same(self, seq: int) -> bool:
        """Return whether the same event stands at a seq here and in Redis, and so everything before it.

        What is said again keeps nonce and time, and can come to stand where it stood, behind something else. Its term
        is another one then.
        """
        mine = await self._journal.before(self._room.id, seq + 1, 1)
        theirs = await self._stream.at(seq, seq)
        return bool(mine and theirs) and _mark(mine[-1]) == _mark(theirs[0])

    async def _fork(self, view: View) -> int | None:
        """Return the highest seq up to which both histories are the same; None where Redis has less than it says."""
        high = min(self._room.top, view.last) + 1
        while high > view.oldest:
            first = max(view.oldest, high - MAX_PAGE)
            theirs = set(map(_mark, await self._stream.at(first, high - 1)))
            if len(theirs) < high - first:
                return None
            for event in reversed(await self._journal.before(self._room.id, high, high - first)):
                if _mark(event) in theirs:
                    return event.seq
            high = first
        return high - 1


def _mark(said: Event | StreamEntry) -> tuple[int, int, str, int]:
    """Return by what an event is known again."""
    return said.seq, said.term, said.nonce, said.at
