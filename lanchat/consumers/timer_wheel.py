"""What is done for each of many connections every few seconds, off one timer for all of them.

A timer of the event loop takes half a kilobyte, with its handle, its context and what it calls; most connections of a
large room do nothing else than to have some.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

_log = logging.getLogger(__name__)
_SPOKES = 10

T = TypeVar("T")


class TimerWheel(Generic[T]):
    """Calls what is on it once in each period, until it is taken off. All on one wheel are in one event loop.

    Args:
        period: returns the seconds of a period.
        call: called with each; it must not wait.
    """

    def __init__(self, period: Callable[[], float], call: Callable[[T], None]) -> None:
        self._period = period
        self._call = call
        # Spread over the period, so that a thousand are not called in one turn of the loop.
        self._spokes: list[dict[T, None]] = [{} for _ in range(_SPOKES)]
        self._at = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(map(len, self._spokes))

    def add(self, one: T) -> None:
        """Put `one` on the wheel: it is called first after a period, or up to a tenth of that earlier."""
        self._spokes[self._at][one] = None
        if self._timer is None:
            self._step_later()

    def discard(self, one: T) -> None:
        """Take `one` off the wheel, if it is there."""
        for spoke in self._spokes:
            spoke.pop(one, None)
        if self._timer is not None and not len(self):
            self._timer.cancel()
            self._timer = None

    def _step(self) -> None:
        self._timer = None
        late = asyncio.get_running_loop().time() - self._due
        # However late it is, as when the machine slept, each is called once, and not for every period that went by.
        for _ in range(min(1 + int(late * _SPOKES / self._period()), _SPOKES)):
            self._call_next()
        if len(self) and self._timer is None:
            self._step_later()

    def _call_next(self) -> None:
        self._at = (self._at + 1) % _SPOKES
        spoke = self._spokes[self._at]
        for one in tuple(spoke):
            if one in spoke:  # the one before may have taken it off
                try:
                    self._call(one)
                except Exception:  # noqa: BLE001 - one connection's fault must not reach the others
                    _log.exception("What is done every few seconds for %r failed", one)

    def _step_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._period() / _SPOKES
        self._timer = loop.call_at(self._due, self._step)
