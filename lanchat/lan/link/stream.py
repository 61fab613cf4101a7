"""What a mirror takes from its home, so that it has every event once and in order (docs/protocol.md, Recovery)."""

import asyncio
from collections.abc import Callable, Sequence

from lanchat.errors import DiskFull
from lanchat.identity import check_all
from lanchat.journal import Journal
from lanchat.lan.connection import Connection
from lanchat.lan.link.quota import Quota
from lanchat.protocol import FAR, MAX_PAGE, Admission, Cursor, Event, Heartbeat, History, Joined, Page, Reply, StartOver
from lanchat.rooms import Room, succession


class Stream:
    """The home's events as they come in: next ones are kept, seen ones dropped, holes asked for.

    Args:
        room: the mirror.
        journal: keeps them.
        connection: the home.
        on_failure: called when something could not be kept; `check` raises why.
        on_change: called when `stalled` has changed.
        quota: counts what is kept.

    Attributes:
        stalled: code of the reason why nothing is kept just now, although the home answers; empty when all is well.
    """

    def __init__(  # noqa: PLR0917
        self,
        room: Room,
        journal: Journal,
        connection: Connection,
        on_failure: Callable[[], None],
        on_change: Callable[[], None],
        quota: Quota,
    ) -> None:
        self.stalled = ""
        self._quota = quota
        self._room = room
        self._on_failure = on_failure
        self._on_change = on_change
        self._full = False
        self._journal = journal
        self._connection = connection
        self._cursor = Cursor(room.top)
        self._top = room.top
        self._asked = 0
        self._far = False
        self._keeping: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None

    @property
    def fetching(self) -> int:
        """The home's top from when the mirror is found to be far behind until everything has come; 0 otherwise."""
        return self._top if self._far else 0

    def check(self) -> None:
        """Raise what went wrong when events were kept, if anything did."""
        if self._failure is not None:
            raise self._failure

    async def kept(self) -> None:
        """Wait until what was taken is on the disk, or could not be kept."""
        if self._keeping is not None:
            await asyncio.wait({self._keeping})

    async def take(self, reply: Reply) -> None:
        """Take what concerns events.

        Raises:
            OtherHistory: what is here has no place at the home any more.
            InvalidSignature: the home says that somebody said what they did not.
            LimitReached: the mirror has as much as it may.
            BaseException: what went wrong when earlier ones were kept.
        """
        self.check()
        match reply:
            case Event():
                await self._take_run([reply], reply.seq)
            case Joined(events=events, top=top, oldest=oldest):
                await self._take_run(events, top, oldest)
            case Page(events=events, oldest=oldest):
                await self._take_run(events, 0, oldest)
            case Heartbeat(tops=tops):
                self._asked = 0  # the answer to the last question may have been a refusal
                await self._try_again()
                await self._take_run([], tops.get(self._room.id, 0))
            case StartOver():
                raise succession.OtherHistory
            case _:
                pass

    async def _take_run(self, events: Sequence[Event], top: int, oldest: int = 1) -> None:
        self._top = max(self._top, top)
        if self._full:
            return
        fresh = [event for event in events if event.seq > self._cursor.seq]
        if fresh and fresh[0].seq == oldest > self._cursor.seq + 1:
            if self._cursor.seq:
                raise succession.OtherHistory  # what is here would go: never without a copy of it
            self._cursor = Cursor(oldest - 1)  # what lies between was removed at the home
        if fresh and self._cursor.admit(fresh[0].seq, fresh[-1].seq) is Admission.NEXT:
            await check_all(fresh)
            await self._quota.take(self._room, fresh)
            self._keeping = self._journal.mirror(self._room.id, fresh, oldest)
            self._keeping.add_done_callback(self._kept)
        behind = self._top - self._cursor.seq
        self._far = behind > FAR or (self._far and behind > 0)
        if behind > 0:
            await self._ask()

    async def _ask(self) -> None:
        """Ask for what is missing, once for each place.

        What came before is on the disk by then: a long history waits at its home, not in the memory of this node, and
        whoever says something in another room waits for one page at most.
        """
        if self._asked != self._cursor.seq + 1:
            self._asked = self._cursor.seq + 1
            if self._keeping is not None:
                await asyncio.wait({self._keeping})
                self.check()
            if self._full:
                return
            await self._connection.send(History(room=self._room.id, after=self._cursor.seq, limit=MAX_PAGE))

    async def _try_again(self) -> None:
        """Go on where the disk was full, a heartbeat later: only the home could tell that something is missing here."""
        if self._full and self._keeping is not None:
            await asyncio.wait({self._keeping})
            self._full = False
            self._cursor = Cursor(self._room.top)
            await self._quota.begin(self._room)

    def _kept(self, done: asyncio.Future[None]) -> None:
        if done.cancelled():
            return
        failure = done.exception()
        if isinstance(failure, DiskFull) or (failure is not None and self._full):
            # Who is here is told, and nobody else: the connection is well. What came behind has a hole before it.
            self._full = True
            self._stall(DiskFull.code)
        elif failure is not None:
            self._failure = self._failure or failure
            self._on_failure()
        else:
            self._stall("")

    def _stall(self, reason: str) -> None:
        if reason != self.stalled:
            self.stalled = reason
            self._on_change()
