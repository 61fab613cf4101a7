"""What bounds that others can ask of this node: the numbers, which are settings, and what counts against them."""

from lanchat.limits.allowance import COSTS, Addresses, Cost, Payer
from lanchat.limits.backlog import Backlog
from lanchat.limits.descriptors import Places, places, raise_descriptors
from lanchat.limits.flow import Flow
from lanchat.limits.guesses import Guesses
from lanchat.limits.numbers import Limit, Limits, rows
from lanchat.limits.token_rate import TokenRate
from lanchat.limits.traces import Traces
from lanchat.limits.turnstile import Turnstile

__all__ = [
    "COSTS",
    "Addresses",
    "Backlog",
    "Cost",
    "Flow",
    "Guesses",
    "Limit",
    "Limits",
    "Payer",
    "Places",
    "TokenRate",
    "Traces",
    "Turnstile",
    "places",
    "raise_descriptors",
    "rows",
]
