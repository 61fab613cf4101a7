"""Rooms: where posts become numbered events, and who is there. A room has its home here, or is a mirror."""

from lanchat.rooms.registry import RoomRegistry
from lanchat.rooms.retention import RetentionTask
from lanchat.rooms.room import Room
from lanchat.rooms.throttle import Throttle

__all__ = [
    "RetentionTask",
    "Room",
    "RoomRegistry",
    "Throttle",
]
