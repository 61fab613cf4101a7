"""The one writer of the database: what waits together shares one durable transaction."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, TypeVar, cast

import apsw

from lanchat.errors import JournalFailed, LanchatError
from lanchat.journal.records import Draft
from lanchat.journal.schema import atomic, journal_error
from lanchat.journal.transaction import Transaction

_log = logging.getLogger(__name__)
T = TypeVar("T")
CLOSED = "The database is closed, so nothing was kept or read."
HELD_UP = 3.0
"""Seconds for which somebody's further posts wait for one that failed. Whoever says it again does so within these."""
_MOST_FAILED = 1_000


class Spoken(NamedTuple):
    """Whose post a write is: what one person says in a room is kept in the order in which it was said.

    Attributes:
        room: id of the room.
        person: id of who says it.
        nonce: of the post.
    """

    room: str
    person: str
    nonce: str

    @classmethod
    def of(cls, draft: Draft) -> "Spoken":
        """Return whose post a draft is."""
        return cls(draft.room, draft.author.id, draft.nonce)


class HeldUp:
    """Whose posts have to wait, because an earlier one failed and may succeed later.

    What was on its way behind a post that failed would be kept before it: its author says it again only when they hear
    of it.

    Args:
        clock: gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[tuple[str, str], tuple[str, float, LanchatError]] = {}

    def fail(self, turn: Spoken | None, error: LanchatError) -> None:
        """Note that a post failed."""
        if turn is None or not error.retry:
            return
        if len(self._failed) >= _MOST_FAILED:
            del self._failed[next(iter(self._failed))]
        self._failed[turn[:2]] = turn.nonce, self._clock() + HELD_UP, error

    def wait(self, turn: Spoken | None) -> LanchatError | None:
        """Return why a post has to wait; None when it has not: the one that failed comes now, or is given up."""
        if turn is None or turn[:2] not in self._failed:
            return None
        nonce, until, error = self._failed[turn[:2]]
        if turn.nonce != nonce and self._clock() < until:
            return type(error)(str(error))
        del self._failed[turn[:2]]
        return None


class Writer:
    """Runs pieces of work on a thread of its own, in the order of the calls, and tells of each commit.

    What waits while a transaction runs shares the next one, so that many writers cost few syncs of the disk. When that
    one fails, each gets one of its own, so that nobody suffers for another's write. Only behind a post that failed the
    further posts of its author wait: see `HeldUp`.

    Args:
        connection: the writer's connection.
        thread: the only thread that uses it.
        committed: awaited after every commit, before anybody hears that the work is done.
        failed: called with each error that is told to somebody.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        thread: ThreadPoolExecutor,
        committed: Callable[[Transaction], Awaitable[None]],
        failed: Callable[[LanchatError], None],
    ) -> None:
        self.connection = connection
        self._thread = thread
        self._committed = committed
        self._failed = failed
        self._waiting: list[_Write[Any]] = []
        self._turns = HeldUp(asyncio.get_running_loop().time)
        self._wake = asyncio.Event()
        self._closing = False
        self._closed = False
        self._task = asyncio.create_task(self._commit_forever(), name="journal")

    def write(self, work: Callable[[Transaction], T], turn: Spoken | None = None) -> asyncio.Future[T]:
        """Do a piece of work in the next transaction. The future raises what the work raises, or JournalError.

        Args:
            work: what to do.
            turn: whose post it is, if it is one.
        """
        write = _Write(work, turn)
        if self._closed:
            write.done.set_exception(JournalFailed(CLOSED))
        else:
            self._waiting.append(write)
            self._wake.set()
        return write.done

    async def empty_log(self) -> None:
        """Write the database's log back and cut it to nothing (https://sqlite.org/pragma.html#pragma_wal_checkpoint).

        Raises:
            JournalError: somebody reads just now, or the disk is at fault; the log is as it was.
        """

        def work() -> None:
            try:
                self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except apsw.Error as error:
                raise journal_error(error) from None

        await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Keep what still waits, then end."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _commit_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            writes, self._waiting = self._waiting, []
            if not writes:
                continue
            for transaction in await loop.run_in_executor(self._thread, self._commit, writes):
                try:
                    await self._committed(transaction)
                except Exception:  # noqa: BLE001 - what is kept stays kept; receivers repair at the next heartbeat
                    _log.exception("A commit was kept but not told")
            for write in writes:
                if write.error is not None:
                    self._failed(write.error)
                write.answer()
        self._closed = True

    def _commit(self, writes: "Sequence[_Write[Any]]") -> list[Transaction]:
        """Run on the writer's thread: keep everything in one transaction, or, when that fails, each in its own."""
        writes = [write for write in writes if self._may(write)]
        if len(writes) > 1:
            try:
                return [self._transact(writes)]
            except Exception as error:  # noqa: BLE001 - the reason is found when each is tried
                _log.debug("A transaction failed: %s", error)
        done = []
        for write in writes:
            if not self._may(write):
                continue
            try:
                done.append(self._transact([write]))
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                write.error = journal_error(error)
                self._turns.fail(write.turn, write.error)
        return done

    def _may(self, write: "_Write[Any]") -> bool:
        """Whether it is a write's turn; else it has failed."""
        write.error = self._turns.wait(write.turn)
        return write.error is None

    def _transact(self, writes: "Sequence[_Write[Any]]") -> Transaction:
        transaction = Transaction(self.connection)
        with atomic(self.connection):
            for write in writes:
                write.run(transaction)
        return transaction


class _Write(Generic[T]):
    """One piece of work for the writer, and the future of the one who waits for it."""

    __slots__ = ("done", "error", "result", "turn", "work")

    def __init__(self, work: Callable[[Transaction], T], turn: Spoken | None) -> None:
        self.work = work
        self.turn = turn
        self.done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.result: T | None = None
        self.error: LanchatError | None = None

    def run(self, transaction: Transaction) -> None:
        self.error = None
        try:
            self.result = self.work(transaction)
        except LanchatError as error:
            self.error = error

    def answer(self) -> None:
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(cast("T", self.result))
