"""A damaged database: noticed at the start, set aside, and brought back as far as it can be read."""

from lanchat.journal.repair.opening import open_whole, suspect
from lanchat.journal.repair.report import Recovery

__all__ = [
    "Recovery",
    "open_whole",
    "suspect",
]
