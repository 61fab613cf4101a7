"""The rooms that the people of this node are in: what each has not read, and how they want each room."""

from lanchat.rooms.memberships.book import MembershipBook

__all__ = ["MembershipBook"]
