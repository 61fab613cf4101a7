"""A room that comes on a stick: checked whole, then joined with what is here."""

from lanchat.archive.carrying.checking import check_branch
from lanchat.archive.carrying.opening import open_branch
from lanchat.archive.carrying.target import BranchTarget, LivingBranches

__all__ = [
    "BranchTarget",
    "LivingBranches",
    "check_branch",
    "open_branch",
]
