"""The durable numbered record of rooms, in SQLite.

One writer owns the database and keeps what waits together in one durable transaction; readers have a connection of
their own. Nothing is told to anybody before its commit is on the disk.
"""

from lanchat.chat.journal.journal import Journal
from lanchat.chat.journal.store import Draft, Kept, RoomRecord

__all__ = ["Draft", "Journal", "Kept", "RoomRecord"]
