"""Whose disks decide what is acknowledged in a room, and who numbers it: a replicated log whose leader is the home."""
