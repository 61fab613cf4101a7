"""The durable numbered record of rooms, in SQLite.

One writer owns the database and keeps what waits together in one durable transaction; readers have a connection of
their own. Nothing is told to anybody before its commit is on the disk.
"""

from lanchat.chat.journal.journal import Journal
from lanchat.chat.journal.numbering import Merged
from lanchat.chat.journal.reader import Reader
from lanchat.chat.journal.records import Draft, Kept, RoomRecord
from lanchat.chat.journal.recovery import Recovery
from lanchat.chat.journal.retention import Retention

__all__ = ["Draft", "Journal", "Kept", "Merged", "Reader", "Recovery", "Retention", "RoomRecord"]
