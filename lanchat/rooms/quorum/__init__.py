"""Whose disks decide what is acknowledged in a room, and who numbers it: a replicated log whose leader is the home."""

from lanchat.rooms.quorum.hands import House
from lanchat.rooms.quorum.seat import TICK, Seat

__all__ = ["TICK", "House", "Seat"]
