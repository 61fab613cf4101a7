"""Work of one connection that is not answered yet: beyond a bound nothing more is read from it."""

import asyncio
from typing import Any


class Backlog:
    """Counts what waits for an answer.

    Args:
        most: so much may wait.
    """

    __slots__ = ("_freed", "_most", "_waiting")

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting = 0
        self._freed: asyncio.Event | None = None

    def add(self, answer: "asyncio.Future[Any]") -> None:
        """Count something until its answer is there."""
        self._waiting += 1
        answer.add_done_callback(self._answered)

    async def room(self) -> None:
        """Wait until there is room for more."""
        while self._waiting >= self._most:
            if self._freed is None:
                self._freed = asyncio.Event()
            self._freed.clear()
            await self._freed.wait()

    def _answered(self, _: "asyncio.Future[Any]") -> None:
        self._waiting -= 1
        if self._freed is not None:
            self._freed.set()
