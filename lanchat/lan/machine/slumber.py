"""Whether this machine slept: then its connections are dead, and its network may be another one."""

import time
from collections.abc import Callable

SLEPT = 5.0
"""Seconds by which the clock on the wall has to run ahead of the other one; time servers correct less."""


class Slumber:
    """Compares the clock on the wall, which goes on while a machine sleeps, with the one that stands still.

    A person who sets the clock ahead looks the same; then what is done after a sleep is done in vain.

    Args:
        wall: seconds of the first.
        monotonic: seconds of the second.
    """

    def __init__(self, wall: Callable[[], float] | None = None, monotonic: Callable[[], float] | None = None) -> None:
        self._wall = wall or time.time
        self._monotonic = monotonic or time.monotonic
        self._apart = self._wall() - self._monotonic()

    def over(self) -> bool:
        """Return whether the machine slept since this was asked last."""
        before, self._apart = self._apart, self._wall() - self._monotonic()
        return self._apart - before >= SLEPT
