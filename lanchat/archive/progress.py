"""How far a piece of work is, and its one way to end before it is done."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from lanchat.errors import LanchatError

OnStep = Callable[[int, int], None]
"""Called in the work's own thread with how much is done, and of how much."""
T = TypeVar("T")


def unwatched(done: int, total: int) -> None:
    """Ignore the steps of work that nobody watches."""


class Cancelled(Exception):
    """Ends work that somebody has cancelled. Its text says what came of the work by then."""


class Progress:
    """What work in a thread is given: it reports its steps here, and each step ends the work once it is cancelled.

    Args:
        on_step: called at each step.

    Attributes:
        done: how much is done.
        total: of how much; 0 as long as that is not known.
    """

    def __init__(self, on_step: OnStep = unwatched) -> None:
        self.done = self.total = 0
        self._on_step = on_step
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the work shall end now."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the work at its next step."""
        self._cancelled.set()

    def step(self, done: int, total: int) -> None:
        """Report how much is done of how much. Raises Cancelled once the work is cancelled."""
        self.check()
        self.done, self.total = done, total
        self._on_step(done, total)

    def check(self) -> None:
        """Raise Cancelled once the work is cancelled."""
        self.pause(0)

    def pause(self, seconds: float) -> None:
        """Wait in the work's own thread. Raises Cancelled as soon as the work is cancelled."""
        if self._cancelled.wait(seconds):
            raise Cancelled


async def in_thread(work: Callable[[Progress], T], on_step: OnStep = unwatched) -> T:
    """Do something in a thread; when that is cancelled, so is the work, and it has ended by then."""
    progress = Progress(on_step)
    thread = asyncio.ensure_future(asyncio.to_thread(work, progress))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        progress.cancel()
        with contextlib.suppress(Cancelled, LanchatError):
            await thread
        raise
