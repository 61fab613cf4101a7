"""What goes on beside everything else, as long as something runs."""

import asyncio
import logging
from collections.abc import Coroutine

_log = logging.getLogger(__name__)


class Chores:
    """Pieces of work that nobody waits for. One that fails is logged, and ends alone."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None], name: str) -> None:
        """Begin a piece of work in the background.

        Args:
            work: what is done.
            name: how it is called in the log.
        """
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_report)

    async def close(self) -> None:
        """End what still goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("The task %r failed", task.get_name(), exc_info=error)
