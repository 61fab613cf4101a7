"""Rooms: where posts become numbered events, and who is there. A room has its home here, or is a mirror."""

from lanchat.rooms import succession
from lanchat.rooms.access import AT_MACHINE, AT_WINDOW, PASSER, Access, Action, Visitor, vouched
from lanchat.rooms.door import Comer, Doorkeeper, Doorway, Exchange, declare, invitations, rule_words
from lanchat.rooms.house import hand_over, keep_seats
from lanchat.rooms.memberships import MembershipBook
from lanchat.rooms.network import RoomNetwork
from lanchat.rooms.presence import fitting, keep_present
from lanchat.rooms.purging import purge
from lanchat.rooms.registry import DEFAULT_ROOM, RoomRegistry
from lanchat.rooms.retention import RetentionTask
from lanchat.rooms.roles import Home, Mirror, Role, Upstream
from lanchat.rooms.room import VERIFICATIONS, Room
from lanchat.rooms.throttle import Throttle

__all__ = [
    "AT_MACHINE",
    "AT_WINDOW",
    "DEFAULT_ROOM",
    "PASSER",
    "VERIFICATIONS",
    "Access",
    "Action",
    "Comer",
    "Doorkeeper",
    "Doorway",
    "Exchange",
    "Home",
    "MembershipBook",
    "Mirror",
    "RetentionTask",
    "Role",
    "Room",
    "RoomNetwork",
    "RoomRegistry",
    "Throttle",
    "Upstream",
    "Visitor",
    "declare",
    "fitting",
    "hand_over",
    "invitations",
    "keep_present",
    "keep_seats",
    "purge",
    "rule_words",
    "succession",
    "vouched",
]
