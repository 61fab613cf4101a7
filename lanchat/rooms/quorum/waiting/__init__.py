"""What waits at a seat: posts that were there before this node was home, and people who were not answered yet."""

from lanchat.rooms.quorum.waiting.answers import Answer, Answers
from lanchat.rooms.quorum.waiting.leftover import Leftover

__all__ = ["Answer", "Answers", "Leftover"]
