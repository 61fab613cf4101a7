"""The journal as the rest of Lanchat sees it: one writer with group commit, one reader, both off the event loop."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import apsw

from lanchat.errors import JournalDamaged, JournalError, JournalFailed, LanchatError, RoomError
from lanchat.journal import numbering, outbox, reading, retention, rooms
from lanchat.journal.indexer import Indexer
from lanchat.journal.memberships import MembershipStore
from lanchat.journal.numbering import Merged
from lanchat.journal.reading import Later
from lanchat.journal.records import Draft, Kept, RoomRecord
from lanchat.journal.repair import Recovery, open_whole, suspect, write_backup
from lanchat.journal.retention import Retention
from lanchat.journal.schema import journal_error, open_reader
from lanchat.journal.stores import DoorStore, LedgerStore, UnionStore
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import Findings, Query, Searcher
from lanchat.journal.writer import CLOSED, Spoken, Writer
from lanchat.limits import Limits
from lanchat.protocol import Event, Mark, NodeInfo

_log = logging.getLogger(__name__)
T = TypeVar("T")
Committed = Callable[[str, list[Event]], Awaitable[None]]
"""Told after the commit: a room's id and its new events in order."""


class Journal:
    """Keeps rooms, events, the outbox and settings. Use it with `async with`.

    Args:
        path: the database file; made when it is missing.
        on_commit: awaited with the new events of each room after every commit, in the order of the commits.
        limits: how many words a search has, and how long it may take.

    Attributes:
        doors, memberships: what is kept of the doors of rooms, and of who is in them.
        ledgers: the logs of rooms that have voters.
        unions: rooms that go on as another one.
        recovered: what came of it, when the database was damaged at start and had to be recovered.
    """

    def __init__(self, path: Path, on_commit: Committed, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.path, self.on_commit = path, on_commit
        self.recovered: Recovery | None = None
        self._tops: dict[str, int] = {}
        self._oldest: dict[str, int] = {}
        self._closed = False
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the database. Raises JournalError when it cannot be used."""
        async with contextlib.AsyncExitStack() as stack:
            write_thread = stack.enter_context(ThreadPoolExecutor(1, "journal-writer"))
            self._read_thread = stack.enter_context(ThreadPoolExecutor(1, "journal-reader"))
            loop = asyncio.get_running_loop()
            connection, self.recovered = await loop.run_in_executor(write_thread, open_whole, self.path)
            stack.push_async_callback(self._close, write_thread, connection)
            self._reader = await loop.run_in_executor(self._read_thread, open_reader, self.path)
            stack.push_async_callback(self._close, self._read_thread, self._reader)
            await self._read(self._learn)
            self._searcher = Searcher(functools.partial(open_reader, self.path), self._limits.search_seconds)
            stack.push_async_callback(self._searcher.close)
            self._writer = Writer(connection, write_thread, self._tell, self._note)
            self._indexer = Indexer(self._writer)
            self.doors = DoorStore(self._writer.write, self._read, doubtful=self.recovered is not None)
            self.memberships = MembershipStore(self._writer.write, self._read)
            self.ledgers = LedgerStore(self._writer.write, self._read)
            self.unions = UnionStore(self._writer.write)
            stack.push_async_callback(self._finish)
            self._sweeping = asyncio.create_task(self._sweep(), name="journal sweep")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def top(self, room: str) -> int:
        """Return the highest seq that is kept of a room; 0 when there is none."""
        return self._tops.get(room, 0)

    def oldest(self, room: str) -> int:
        """Return the lowest seq that is kept of a room; 1 when nothing was said or removed."""
        return self._oldest.get(room, 1)

    def append(self, draft: Draft, *, brought: bool = False) -> asyncio.Future[Kept]:
        """Number and keep a draft, in the order of the calls; what another node has `brought` waits in its outbox.

        The future raises JournalError when it was not kept, NoSuchRoom when the room is gone, NoSuchMessage when it is
        about no message that stands in the room, and NotYours when it changes somebody else's.
        """
        return self._writer.write(
            lambda transaction: numbering.append(transaction, draft, brought=brought), Spoken.of(draft)
        )

    def mirror(self, room: str, events: list[Event], oldest: int = 1) -> asyncio.Future[None]:
        """Keep events of one room under their home's numbers, and empty the outbox of them, in the order of the calls.

        `oldest` is the first seq that the home keeps; events may begin there although others are missing before them.
        The future raises InvalidFrame when the events have a hole or use a nonce twice, NoSuchRoom when the room is
        gone, and JournalError when they were not kept; none of them is kept then.
        """
        return self._writer.write(lambda transaction: numbering.mirror(transaction, room, events, oldest))

    async def merge(self, room: str, events: Sequence[Event]) -> Merged:
        """Number and keep events of an archive.

        Raises:
            NoSuchRoom: the room is gone.
            JournalError: nothing of it was kept.
        """
        return await self._writer.write(lambda transaction: numbering.merge(transaction, room, events))

    async def size(self, room: str) -> int:
        """Return the bytes of what was said in a room; it reads all of it."""
        return await self._read(lambda c: reading.size(c, room))

    async def after(self, room: str, seq: int, limit: int) -> list[Event]:
        """Return at most `limit` events above `seq`, ascending."""
        return await self._read(lambda c: reading.after(c, room, seq, limit))

    async def before(self, room: str, seq: int, limit: int) -> list[Event]:
        """Return at most `limit` events just below `seq`, ascending."""
        return await self._read(lambda c: reading.before(c, room, seq, limit))

    async def around(self, room: str, nonce: str, limit: int) -> list[Event]:
        """Return at most `limit` events on both sides of the one of this nonce, itself among them, ascending.

        Raises:
            NoSuchMessage: the room does not have it.
            JournalError: it could not be read.
        """
        return await self._read(lambda c: reading.around(c, room, nonce, limit))

    async def later(self, room: str, run: Sequence[Event], most: int) -> Later:
        """Return what was said after a dense run about the messages in it: what counts in the end, in `most` bytes."""
        return await self._read(lambda c: reading.later_within(c, room, run, most))

    async def said_by(self, room: str, people: Collection[str], since: int, place: int, limit: int) -> list[Event]:
        """Return at most `limit` messages of some people above `place`, not older than `since`, that still stand."""
        return await self._read(lambda c: reading.said_by(c, room, people, since, place, limit))

    async def others_spoke(self, room: str, people: Collection[str]) -> bool:
        """Return whether anybody but those people has said something in a room."""
        return await self._read(lambda c: reading.others_spoke(c, room, people))

    async def mark(self, room: str, seq: int) -> Mark | None:
        """Return by what the event at `seq` is known again; None when none is kept there."""
        return await self._read(lambda c: reading.mark(c, room, seq))

    async def search(self, room: str, text: str, before: int | None, limit: int) -> Findings:
        """Return the newest messages of a room, below `before`, that hold all words of `text`, as they read now.

        Raises:
            SearchTooLong: there are too many words.
            SearchTooSlow: nothing was found in the time that a search may take.
            JournalError: it could not be read.
        """
        await self._indexer.catch_up()
        return await self._answer(self._searcher.search(Query(room, text, before, limit, self._limits.search_words)))

    async def retain(self, room: str, limits: Retention) -> int:
        """Remove the oldest events that need not be kept, between what others write; give how many they were."""
        removed = 0
        while step := await self._writer.write(lambda transaction: retention.shorten(transaction, room, limits)):
            removed += step
        return removed

    async def backup(self, copy: Path) -> None:
        """Write a copy of the database. Raises JournalError, also when `copy` exists; nothing is overwritten."""
        await asyncio.to_thread(write_backup, self.path, copy)

    async def rooms(self) -> list[RoomRecord]:
        """Return all rooms, oldest first."""
        return await self._read(rooms.rooms)

    async def put_room(self, room: RoomRecord) -> None:
        """Add a room, or change what is kept of it."""
        await self._writer.write(lambda transaction: rooms.put_room(transaction, room))

    async def delete_room(self, room: str) -> None:
        """Forget a room and everything said in it."""
        await self._writer.write(lambda transaction: rooms.delete_room(transaction, room))
        await self._sweep()

    async def renew_room(self, room: RoomRecord) -> None:
        """Forget what was said in a room, but neither the room nor what waits for its home."""
        await self._writer.write(lambda transaction: rooms.renew_room(transaction, room))
        await self._sweep()

    async def replace_room(self, room: str, other: RoomRecord) -> bool:
        """Keep another room in place of one in which nothing was said; False, and nothing done, when something was."""
        return await self._writer.write(lambda transaction: rooms.replace_room(transaction, room, other))

    def enqueue(self, draft: Draft) -> asyncio.Future[Kept | None]:
        """Keep a draft for another home until that home has numbered it; gives the event when it has already.

        It raises JournalError when it was not kept, and NoSuchRoom when the room is gone.
        """
        return self._writer.write(lambda transaction: outbox.enqueue(transaction, draft), Spoken.of(draft))

    async def adopt(self, former: str, node: NodeInfo) -> None:
        """Make a node the home of every room whose home the node of the id `former` was. Raises JournalError."""
        await self._writer.write(lambda t: rooms.adopt(t, former, node))

    async def dequeue(self, room: str, nonce: str) -> Draft | None:
        """Give up a draft that its home refused, and return it; None when it does not wait. Raises JournalError."""
        return await self._writer.write(lambda t: outbox.dequeue(t.connection, room, nonce))

    async def outbox(self, room: str, place: int = outbox.FIRST, most: int = outbox.ALL) -> list[tuple[int, Draft]]:
        """Return what waits for a room's home behind `place`, in the order it was said, each with its place."""
        return await self._read(lambda c: outbox.waiting(c, room, place, most))

    async def settings(self) -> dict[str, str]:
        """Return everything that the node remembers about itself."""
        return await self._read(rooms.settings)

    async def put_setting(self, key: str, value: str) -> None:
        """Remember one value."""
        await self._writer.write(lambda t: rooms.put_setting(t.connection, key, value))

    async def _read(self, work: Callable[[apsw.Connection], T]) -> T:
        if self._closed:
            raise JournalFailed(CLOSED)
        return await self._answer(asyncio.get_running_loop().run_in_executor(self._read_thread, work, self._reader))

    async def _answer(self, reading: Awaitable[T]) -> T:
        """Return what a reader reads; what goes wrong becomes one of our errors."""
        try:
            return await reading
        except RoomError:
            raise
        except Exception as error:  # noqa: BLE001 - a row that cannot be understood is damage like any other
            ours = journal_error(error)
            self._note(ours)
            raise ours from None

    def _note(self, error: LanchatError) -> None:
        if isinstance(error, JournalDamaged):
            _log.error("The database is damaged; it will be recovered at the next start: %s", error)
            with contextlib.suppress(OSError):
                suspect(self.path)

    def _learn(self, connection: apsw.Connection) -> None:
        for room in rooms.rooms(connection):
            self._tops[room.id] = reading.top(connection, room.id)
            self._oldest[room.id] = reading.oldest(connection, room.id)

    async def _sweep(self) -> None:
        """Remove what is left of forgotten rooms, piece by piece, between what others write."""
        try:
            while await self._writer.write(rooms.sweep):
                pass
            if await self._writer.write(rooms.erasing):
                while await self._writer.write(rooms.erase):
                    pass
                await self._writer.empty_log()
                await self._writer.write(rooms.erased)
        except JournalError as error:
            _log.warning("What is left of forgotten rooms will be removed at the next start: %s", error)

    @staticmethod
    async def _close(thread: ThreadPoolExecutor, connection: apsw.Connection) -> None:
        await asyncio.get_running_loop().run_in_executor(thread, connection.close)

    async def _finish(self) -> None:
        self._sweeping.cancel()
        await asyncio.wait({self._sweeping})
        await self._indexer.close()
        await self._writer.close()
        self._closed = True

    async def _tell(self, transaction: Transaction) -> None:
        for room in transaction.gone:
            self._tops.pop(room, None)
            self._oldest.pop(room, None)
        self._oldest.update(transaction.oldest)
        self._tops.update(transaction.tops)
        self.ledgers.tell(transaction)
        for room, events in transaction.fresh.items():
            self._tops[room] = events[-1].seq
            self._indexer.fell_behind(len(events))
            try:
                await self.on_commit(room, events)
            except Exception:  # noqa: BLE001 - what is kept stays kept; receivers repair at the next heartbeat
                _log.exception("Events %s to %s of a room were kept but not published", events[0].seq, events[-1].seq)
