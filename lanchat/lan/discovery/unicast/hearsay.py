"""Where others say that nodes are: asked at a pace, and not again for a while. Pure but for its clock."""

import time
from collections.abc import Callable

from lanchat.lan.connection import NodeAddress
from lanchat.limits import TokenRate

AGAIN = 60.0
"""Seconds in which nobody is asked at the same place again because somebody named it."""
PACE = TokenRate(1.0, 64)
"""How often somebody is asked because others named them."""
_MOST = 1_024


class Hearsay:
    """Decides which of the places that others name are asked. A liar costs a question a second, and no more.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full = 0.0
        self._named: dict[tuple[str, NodeAddress], float] = {}

    def admits(self, node: str, place: NodeAddress) -> bool:
        """Return whether a node may be asked at a place that somebody named, and count that."""
        now = self._clock()
        if now - self._named.get((node, place), -AGAIN) < AGAIN:
            return False
        full = PACE.after(self._full, now)
        if PACE.wait(full, now):
            return False
        self._full = full
        self._named.pop((node, place), None)
        self._named[node, place] = now
        if len(self._named) > _MOST:
            del self._named[next(iter(self._named))]
        return True

    def forget(self) -> None:
        """Take every place as new: this machine is somewhere else."""
        self._named.clear()
