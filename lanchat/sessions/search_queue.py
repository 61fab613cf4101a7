"""What one client asked for that takes a while: done one by one, beside everything else, and dropped when it goes."""

import asyncio
from collections.abc import Awaitable, Callable

from lanchat.errors import TooManySearches

MOST = 8
"""Most that wait or run."""


class SearchQueue:
    """The searches of one client. One runs at a time; it is ended when the client goes."""

    __slots__ = ("_door", "_tasks")

    def __init__(self) -> None:
        self._door = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, search: Callable[[], Awaitable[None]]) -> None:
        """Do something after what was begun before. It answers by itself. Raises TooManySearches."""
        if len(self._tasks) >= MOST:
            raise TooManySearches(f"{MOST} searches of yours wait already; wait for an answer.")
        task = asyncio.create_task(self._run(search), name="search")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Drop what waits, and end what runs."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, search: Callable[[], Awaitable[None]]) -> None:
        async with self._door:
            await search()
