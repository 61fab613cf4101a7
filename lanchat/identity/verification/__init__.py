"""Words that two people compare, to know each other by their keys: what is derived, and the steps that lead there."""

from lanchat.identity.verification.agreement import Parties
from lanchat.identity.verification.book import ComparisonBook, Outcome
from lanchat.identity.verification.comparison import Reason, Stage, Step, StepKind, WordComparison

__all__ = [
    "ComparisonBook",
    "Outcome",
    "Parties",
    "Reason",
    "Stage",
    "Step",
    "StepKind",
    "WordComparison",
]
