"""The journal as the rest of Lanchat sees it: one writer with group commit, one reader, both off the event loop."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

import apsw

from lanchat.chat.journal import store
from lanchat.chat.journal.schema import atomic, journal_error, open_reader, open_writer
from lanchat.chat.journal.store import Draft, Kept, RoomRecord, Transaction
from lanchat.chat.protocol import Event
from lanchat.errors import JournalFailed, LanchatError

_log = logging.getLogger(__name__)
T = TypeVar("T")
Committed = Callable[[str, list[Event]], Awaitable[None]]
"""Told after the commit: a room's id and its new events in order."""
_CLOSED = "The database is closed, so nothing was kept or read."


class Journal:
    """Keeps rooms, events, the outbox and settings. Use it with `async with`.

    What waits while a transaction runs shares the next one, so that many writers cost few syncs of the disk. When that
    one fails, each gets one of its own, so that nobody suffers for another's write.

    Args:
        path: the database file; made when it is missing.
        on_commit: awaited with the new events of each room after every commit, in the order of the commits.
    """

    def __init__(self, path: Path, on_commit: Committed) -> None:
        self.path = path
        self.on_commit = on_commit
        self._tops: dict[str, int] = {}
        self._waiting: list[_Write[Any]] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._closed = False
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the database. Raises JournalError when it cannot be used."""
        async with contextlib.AsyncExitStack() as stack:
            self._write_thread = stack.enter_context(ThreadPoolExecutor(1, "journal-writer"))
            self._read_thread = stack.enter_context(ThreadPoolExecutor(1, "journal-reader"))
            loop = asyncio.get_running_loop()
            self._writer = await loop.run_in_executor(self._write_thread, open_writer, self.path)
            stack.push_async_callback(self._close, self._write_thread, self._writer)
            self._reader = await loop.run_in_executor(self._read_thread, open_reader, self.path)
            stack.push_async_callback(self._close, self._read_thread, self._reader)
            self._tops = await self._read(lambda c: {room.id: store.top(c, room.id) for room in store.rooms(c)})
            self._committer = asyncio.create_task(self._commit_forever(), name="journal")
            stack.push_async_callback(self._finish)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def top(self, room: str) -> int:
        """Give the highest seq that is kept of a room; 0 when there is none."""
        return self._tops.get(room, 0)

    def append(self, draft: Draft) -> asyncio.Future[Kept]:
        """Number and keep a draft. Drafts are numbered in the order of the calls, so nobody has to wait in turn.

        The future raises JournalError when it was not kept, and NoSuchRoom when the room is gone.
        """
        return self._write(lambda transaction: store.append(transaction, draft))

    def mirror(self, room: str, events: list[Event]) -> asyncio.Future[None]:
        """Keep events of one room under their home's numbers, and empty the outbox of them, in the order of the calls.

        The future raises InvalidFrame when the events have a hole or use a nonce twice, NoSuchRoom when the room is
        gone, and JournalError when they were not kept; none of them is kept then.
        """
        return self._write(lambda transaction: store.mirror(transaction, room, events))

    async def after(self, room: str, seq: int, limit: int) -> list[Event]:
        """Give at most `limit` events above `seq`, ascending."""
        return await self._read(lambda c: store.after(c, room, seq, limit))

    async def before(self, room: str, seq: int, limit: int) -> list[Event]:
        """Give at most `limit` events just below `seq`, ascending."""
        return await self._read(lambda c: store.before(c, room, seq, limit))

    async def find(self, room: str, nonce: str) -> Event | None:
        """Give the event of a room that has this nonce."""
        return await self._read(lambda c: store.find(c, room, nonce))

    async def rooms(self) -> list[RoomRecord]:
        """Give all rooms, oldest first."""
        return await self._read(store.rooms)

    async def put_room(self, room: RoomRecord) -> None:
        """Add a room, or change what is kept of it."""
        await self._write(lambda t: store.put_room(t.connection, room))

    async def delete_room(self, room: str) -> None:
        """Forget a room and everything said in it."""
        await self._write(lambda transaction: store.delete_room(transaction, room))

    async def replace_room(self, silent: str, other: RoomRecord) -> bool:
        """Keep another room in place of one in which nothing was said; False, and nothing done, when something was."""
        return await self._write(lambda transaction: store.replace_room(transaction, silent, other))

    def put_out(self, draft: Draft) -> asyncio.Future[Kept | None]:
        """Keep a draft for another home until that home has numbered it; gives the event when it has already.

        The future raises JournalError when it was not kept, and NoSuchRoom when the room is gone.
        """
        return self._write(lambda transaction: store.put_out(transaction, draft))

    async def take_out(self, room: str, nonce: str) -> None:
        """Give up a draft that its home refused."""
        await self._write(lambda t: store.take_out(t.connection, room, nonce))

    async def outbox(self, room: str, place: int = 0) -> list[tuple[int, Draft]]:
        """Give what waits for a room's home behind `place`, in the order in which it was said, each with its place."""
        return await self._read(lambda c: store.outbox(c, room, place))

    async def settings(self) -> dict[str, str]:
        """Give everything that the node remembers about itself."""
        return await self._read(store.settings)

    async def put_setting(self, key: str, value: str) -> None:
        """Remember one value."""
        await self._write(lambda t: store.put_setting(t.connection, key, value))

    async def _read(self, work: Callable[[apsw.Connection], T]) -> T:
        if self._closed:
            raise JournalFailed(_CLOSED)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._read_thread, work, self._reader)
        except apsw.Error as error:
            raise journal_error(error) from None

    def _write(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        write = _Write(work)
        if self._closed:
            write.done.set_exception(JournalFailed(_CLOSED))
        else:
            self._waiting.append(write)
            self._wake.set()
        return write.done

    @staticmethod
    async def _close(thread: ThreadPoolExecutor, connection: apsw.Connection) -> None:
        await asyncio.get_running_loop().run_in_executor(thread, connection.close)

    async def _finish(self) -> None:
        """Keep what still waits, then end."""
        self._closing = True
        self._wake.set()
        await self._committer

    async def _commit_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            writes, self._waiting = self._waiting, []
            if not writes:
                continue
            for transaction in await loop.run_in_executor(self._write_thread, self._commit, writes):
                for room in transaction.gone:
                    self._tops.pop(room, None)
                await self._tell(transaction.fresh)
            for write in writes:
                write.answer()
        self._closed = True

    async def _tell(self, fresh: dict[str, list[Event]]) -> None:
        for room, events in fresh.items():
            self._tops[room] = events[-1].seq
            try:
                await self.on_commit(room, events)
            except Exception:  # noqa: BLE001 - what is kept stays kept; receivers repair at the next heartbeat
                _log.exception("Events %s to %s of a room were kept but not published", events[0].seq, events[-1].seq)

    def _commit(self, writes: "Sequence[_Write[Any]]") -> list[Transaction]:
        """Run on the writer's thread: keep everything in one transaction, or, when that fails, each in its own."""
        try:
            return [self._transact(writes)]
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            if len(writes) == 1:
                writes[0].error = journal_error(error)
                return []
        done = []
        for write in writes:
            try:
                done.append(self._transact([write]))
            except Exception as error:  # noqa: BLE001
                write.error = journal_error(error)
        return done

    def _transact(self, writes: "Sequence[_Write[Any]]") -> Transaction:
        transaction = Transaction(self._writer)
        with atomic(self._writer):
            for write in writes:
                write.run(transaction)
        return transaction


class _Write(Generic[T]):
    """One piece of work for the writer, and the future of the one who waits for it."""

    __slots__ = ("done", "error", "result", "work")

    def __init__(self, work: Callable[[Transaction], T]) -> None:
        self.work = work
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
