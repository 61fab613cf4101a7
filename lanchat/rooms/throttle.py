"""Says what replaces what was said before: at once, and when it changes quickly only now and then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from lanchat.errors import LanchatError

_log = logging.getLogger(__name__)


class Throttle:
    """Keeps a pause between two sayings of the same thing.

    Args:
        say: says how things are now. A LanchatError in a later saying is logged.
        pause: seconds between two sayings.
        name: what is said, for the log.
    """

    def __init__(self, say: Callable[[], Awaitable[None]], pause: float, name: str) -> None:
        self._say = say
        self._pause = pause
        self._name = name
        self._unsaid = False
        self._task: asyncio.Task[None] | None = None

    async def changed(self) -> None:
        """Say it now, or, when it was said just now, once for everything that changes until the pause is over."""
        self._unsaid = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on(), name=self._name)
            self._unsaid = False
            await self._say()

    async def close(self) -> None:
        """Say no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _go_on(self) -> None:
        await asyncio.sleep(self._pause)
        while self._unsaid:
            self._unsaid = False
            try:
                await self._say()
            except LanchatError as error:
                _log.warning("%s could not be said: %s", self._name, error)
            await asyncio.sleep(self._pause)
