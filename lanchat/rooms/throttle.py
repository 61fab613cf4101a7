"""Sends what replaces what was sent before: seldom, however quickly it changes."""

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
        at_once: whether the first change is sent at once, or after a pause, together with what changes until then.
    """

    def __init__(self, send: Callable[[], Awaitable[None]], pause: float, name: str, *, at_once: bool = True) -> None:
        self._send = send
        self._pause = pause
        self._name = name
        self._at_once = at_once
        self._unsent = False
        self._task: asyncio.Task[None] | None = None

    async def changed(self) -> None:
        """Send it now where that is wanted and nothing was sent just now; else once when the pause is over."""
        self._unsent = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on(), name=self._name)
            if self._at_once:
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
