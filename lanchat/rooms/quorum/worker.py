"""Does one thing after the other, each finished before the next is begun."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Step = Callable[[], Awaitable[None]]


class Worker:
    """Works through steps in the order in which they come.

    Args:
        failed: called with what went wrong in a step; those that wait behind it are dropped.
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._steps: deque[Step] = deque()
        self._task: asyncio.Task[None] | None = None

    def do(self, step: Step) -> None:
        """Do something behind everything that waits."""
        self._steps.append(step)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="seat")

    async def close(self) -> None:
        """Do no more."""
        self._steps.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while self._steps:
            try:
                await self._steps.popleft()()
            except Exception as error:  # noqa: BLE001 - a room whose seat stands still could not be written in
                self._steps.clear()
                self._failed(error)
