"""What bounds that others can ask of this node: the numbers, which are settings, and what counts against them."""

from lanchat.limits.allowance import COSTS, Addresses, Cost, Pace
from lanchat.limits.backlog import Backlog
from lanchat.limits.bucket import TokenBucket
from lanchat.limits.numbers import Limit, Limits, rows

__all__ = [
    "COSTS",
    "Addresses",
    "Backlog",
    "Cost",
    "Limit",
    "Limits",
    "Pace",
    "TokenBucket",
    "rows",
]
