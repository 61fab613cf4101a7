"""A clock that a test moves: nothing waits for what is due in a minute, and a busy machine makes nothing due too early.

Time goes on by itself as ever; so give what must not happen by itself a minute, and move the clock by more than that.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """The clocks of this process. The timers of its loops go by them, so do `asyncio.timeout` and `asyncio.sleep`."""

    def __init__(self) -> None:
        self._ahead_ns = 0

    def advance(self, seconds: float) -> None:
        """Let so much time go by at once. What is due by then happens when the loop comes to it."""
        self._ahead_ns += int(seconds * 1e9)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """This process has this clock in the block; who imported `monotonic` itself before keeps the real one."""
        kept = time.monotonic, time.time, time.time_ns
        monotonic, wall, wall_ns = kept
        time.monotonic = lambda: monotonic() + self._ahead_ns / 1e9
        time.time = lambda: wall() + self._ahead_ns / 1e9
        time.time_ns = lambda: wall_ns() + self._ahead_ns
        try:
            yield
        finally:
            time.monotonic, time.time, time.time_ns = kept
