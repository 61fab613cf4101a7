"""When words are taken into the index: not while people talk, so that nobody waits for it."""

import asyncio
import logging

from lanchat.errors import JournalError
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from lanchat.journal.writer import Writer

_log = logging.getLogger(__name__)

QUIET = 1.0
"""Seconds without a new event after which the index follows."""
FAR_BEHIND = 2_000
"""Events after which it follows all the same, so that a search never waits long."""
STEP = 100
"""Events in one transaction."""


class Indexer:
    """Lets the index of words follow the events.

    Args:
        writer: the one writer of the database.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._behind = 1  # what the last run has left, which nobody has counted
        self._busy_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._wait()

    def fell_behind(self, events: int) -> None:
        """Note that so many events were kept."""
        self._behind += events
        if self._closed:
            return
        if self._behind >= FAR_BEHIND:
            self._begin()
        self._wait()

    async def catch_up(self) -> None:
        """Take everything that was kept by now into the index. Raises JournalError."""
        while self._behind:
            done = await self._writer.write(_step)
            self._behind = max(0, self._behind - done) if done else 0

    async def close(self) -> None:
        """Stop; the rest follows after the next start."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _wait(self) -> None:
        # The timer that runs already looks again at its end: a new one for each event would cost more than the event.
        loop = asyncio.get_running_loop()
        self._busy_until = loop.time() + QUIET
        if self._timer is None:
            self._timer = loop.call_at(self._busy_until, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        if loop.time() < self._busy_until:
            self._timer = loop.call_at(self._busy_until, self._look)
        else:
            self._begin()

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow(), name="index of words")

    async def _follow(self) -> None:
        try:
            await self.catch_up()
        except JournalError as error:
            _log.warning("New messages cannot be searched for now: %s", error)


def _step(transaction: Transaction) -> int:
    return index.follow(transaction.connection, STEP)
