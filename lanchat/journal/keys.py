"""Where an event lies: its room's number and its seq in one integer, so that a room is one run of rows by its seq."""

import apsw

HIGHEST = 2**40 - 1
"""Highest seq that a key has room for."""


def base(connection: apsw.Connection, room: str) -> int:
    """Return the key just below a room's first event. Where there is no such room, no event lies above it."""
    number = connection.execute("SELECT number FROM room WHERE id = ?", (room,)).get
    return int(number or 0) << 40
