"""The event loop that an in-memory layer lives in, and the way into it from other threads."""

import asyncio
import concurrent.futures
import os
from collections.abc import Callable
from typing import TypeVar

from lanchat.layers.errors import LayerError

_PATIENCE = 5.0

T = TypeVar("T")


class OwningLoop:
    """One event loop: the first that enters, until it is closed.

    Args:
        moved: called when the loop is another one than before, which is closed.
        forked: called when it is that of another process, which has forked this one and goes on with what it has.
    """

    def __init__(self, moved: Callable[[], None], forked: Callable[[], None]) -> None:
        self._moved = moved
        self._forked = forked
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def enter(self) -> None:
        """Note that the running loop uses the layer.

        Raises:
            LayerError: another one does, and is not closed.
            RuntimeError: no loop runs.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move(loop)

    def call(self, action: Callable[[], T]) -> T:
        """Return what `action` gives: called at once in the loop's own thread, from others handed over and waited for.

        Raises:
            LayerError: no loop runs that uses the layer, or it does not come to it within 5 seconds; then `action` will
                not be called any more.
        """
        running = _running()
        if running is not None and (running is self._loop or self._loop is None):
            self.enter()
            return action()
        loop = self._loop
        if loop is None or self._process != os.getpid() or not loop.is_running():
            raise LayerError("This layer lives in one process, and no event loop of this process uses it now.")
        result: concurrent.futures.Future[T] = concurrent.futures.Future()
        try:
            loop.call_soon_threadsafe(_carry_out, action, result)
        except RuntimeError:
            raise LayerError("The event loop that uses this layer has just ended.") from None
        try:
            return result.result(_PATIENCE)
        except concurrent.futures.TimeoutError:
            if result.cancel():
                raise LayerError(f"The event loop that uses this layer was busy for {_PATIENCE:g} seconds.") from None
            return result.result()

    def _move(self, loop: asyncio.AbstractEventLoop) -> None:
        before, here = self._loop, os.getpid()
        forked = before is not None and self._process != here
        if before is not None and not before.is_closed() and not forked:
            raise LayerError("Another event loop uses this layer; from here only send_sync and group_send_sync work.")
        self._loop, self._process = loop, here
        if forked:
            self._forked()
        elif before is not None:
            self._moved()


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _carry_out(action: Callable[[], T], result: concurrent.futures.Future[T]) -> None:
    if not result.set_running_or_notify_cancel():
        return
    try:
        result.set_result(action())
    except Exception as error:  # noqa: BLE001 - whoever waits in the other thread gets it
        result.set_exception(error)
