"""What is kept of the rooms that people are in: how far each has read, and how they want the room."""

from lanchat.journal.memberships.rows import MOST_OF_GUESTS, MembershipRecord, Unread
from lanchat.journal.memberships.store import MembershipStore

__all__ = [
    "MOST_OF_GUESTS",
    "MembershipRecord",
    "MembershipStore",
    "Unread",
]
