"""Counters, and what is made of them."""

from lanchat.metrics.analytics import Analytics, Count, uncounted
from lanchat.metrics.counters import COUNTERS

__all__ = [
    "COUNTERS",
    "Analytics",
    "Count",
    "uncounted",
]
