"""What reaches a person in whatever room they are."""

from lanchat.notify.mentions import Nicks
from lanchat.notify.notifications import Notifications
from lanchat.notify.owner_notices import OwnerNotices
from lanchat.notify.startup import StartupNotices

__all__ = [
    "Nicks",
    "Notifications",
    "OwnerNotices",
    "StartupNotices",
]
