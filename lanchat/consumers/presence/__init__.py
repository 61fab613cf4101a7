"""Which users are connected, on whatever process, with their joins and leaves."""

from lanchat.consumers.presence.user_presence import UserPresence

__all__ = ["UserPresence"]
