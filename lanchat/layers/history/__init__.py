"""What was said in a group, numbered and kept for a while, so that whoever was away can ask for what they missed.

A layer is at most once. A group with a history is more: each of its messages has a number without gaps, and a reader
who knows their last number learns what came behind it, or that some of it is gone. The rule is that of the rooms of
the product (docs/protocol.md, Recovery): next, seen, a hole, or start over.
"""

from lanchat.layers.history.bounds import FORGOTTEN, HistoryBounds
from lanchat.layers.history.follower import GroupFollower, GroupRun
from lanchat.layers.history.page import MOST_ENTRIES, PAGE_BYTES, HistoryEntry, HistoryPage, where
from lanchat.layers.history.position import NOWHERE, Position
from lanchat.layers.history.rings import Rings

__all__ = [
    "FORGOTTEN",
    "MOST_ENTRIES",
    "NOWHERE",
    "PAGE_BYTES",
    "GroupFollower",
    "GroupRun",
    "HistoryBounds",
    "HistoryEntry",
    "HistoryPage",
    "Position",
    "Rings",
    "where",
]
