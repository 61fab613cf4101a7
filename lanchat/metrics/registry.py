"""The sums of everything that was counted, and how they grew in the last hour. In memory only."""

import re
import time
from collections.abc import Callable, Mapping

from lanchat.metrics.counters import COUNTERS

MINUTES = 60
"""How far back the growth is known."""

_MINUTE = 60.0
_LABEL = re.compile(r"[a-z0-9_]{0,40}")
_MOST_LABELS = 64


class CounterRegistry:
    """Adds up.

    Args:
        now: returns seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._totals: dict[str, dict[str, int]] = {
            name: dict.fromkeys(counter.values, 0) if counter.label else {"": 0} for name, counter in COUNTERS.items()
        }
        self._minutes: dict[int, dict[str, int]] = {}

    def add(self, counts: Mapping[str, object]) -> None:
        """Add numbers by `name` or `name:label`. What is no number, or not known here, is passed over."""
        minute = int(self._now() // _MINUTE)
        grown = self._minutes.setdefault(minute, {})
        self._minutes = {at: some for at, some in self._minutes.items() if minute - MINUTES < at <= minute}
        for key, value in counts.items():
            name, _, label = key.partition(":")
            if isinstance(value, int) and value > 0 and self._knows(name, label):
                parts = self._totals[name]
                parts[label] = parts.get(label, 0) + value
                grown[name] = grown.get(name, 0) + value

    def parts(self, name: str) -> dict[str, int]:
        """Return a number's parts by their label; one without parts has the label ""."""
        return dict(self._totals[name])

    def total(self, name: str) -> int:
        """Return the sum of a number's parts."""
        return sum(self._totals[name].values())

    def history(self, name: str) -> list[tuple[float, int]]:
        """Return how much a number grew in each minute of the last hour, oldest first, each with the minute's begin."""
        last = int(self._now() // _MINUTE)
        minutes = range(last - MINUTES + 1, last + 1)
        return [(minute * _MINUTE, self._minutes.get(minute, {}).get(name, 0)) for minute in minutes]

    def _knows(self, name: str, label: str) -> bool:
        if name not in COUNTERS or bool(COUNTERS[name].label) != bool(label) or not _LABEL.fullmatch(label):
            return False
        return label in self._totals[name] or len(self._totals[name]) < _MOST_LABELS
