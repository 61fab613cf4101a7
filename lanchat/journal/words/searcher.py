"""The reader of searches: on a thread and a connection of its own, so that only other searches wait for one."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import apsw

from lanchat.journal.words import search
from lanchat.journal.words.search import Findings, Query


class Searcher:
    """Runs one search after the other. Each ends after a time, or at once when nobody waits for it any more.

    Args:
        connect: opens a connection that reads.
        seconds: most seconds of one search.
    """

    def __init__(self, connect: Callable[[], apsw.Connection], seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, "journal-searcher")
        self._connection: apsw.Connection | None = None
        self._used = False

    async def search(self, query: Query) -> Findings:
        """Return what is found. Raises SearchTooLong, SearchTooSlow, or what SQLite raises."""
        unwanted = threading.Event()
        self._used = True
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._search, query, unwanted)
        finally:
            unwanted.set()

    async def close(self) -> None:
        """End once the search that runs has ended."""
        if self._used:  # by a search that perhaps has only just begun
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=False)

    def _search(self, query: Query, unwanted: threading.Event) -> Findings:
        if self._connection is None:
            self._connection = self._connect()
        until = time.monotonic() + self._seconds
        return search.search(self._connection, query, lambda: unwanted.is_set() or time.monotonic() > until)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
