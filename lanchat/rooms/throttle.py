"""Sends what replaces what was sent before: at once, and when it changes quickly only now and then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from lanchat.errors import LanchatError

_log = logging.getLogger(__name__)


class Throttle:
    """Keeps a pause between two calls that replace each other.

    Args:
        send: sends how things are now. A LanchatError in a later call is logged.
        pause: seconds between two calls.
        name: what is sent, for the log.
    """

    def __init__(self, send: Callable[[], Awaitable[None]], pause: float, name: str) -> None:
        self._send = send
        self._pause = pause
        self._name = name
        self._unsent = False
        self._task: asyncio.Task[None] | None = None

    async def changed(self) -> None:
        """Send it now, or, when it was sent just now, once for everything that changes until the pause is over."""
        self._unsent = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on(), name=self._name)
            self._unsent = False
            await self._send()

    async def close(self) -> None:
        """Send no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _go_on(self) -> None:
        await asyncio.sleep(self._pause)
        while self._unsent:
            self._unsent = False
            try:
                await self._send()
            except LanchatError as error:
                _log.warning("%s could not be sent: %s", self._name, error)
            await asyncio.sleep(self._pause)
