"""What holds in a room, and how that comes of the rules that were said in it."""

from lanchat.protocol.policy.folding import fold, followed
from lanchat.protocol.policy.policy import MOST_NAMED, Policy

__all__ = ["MOST_NAMED", "Policy", "fold", "followed"]
