"""The durable numbered record of rooms, in SQLite.

One writer owns the database and keeps what waits together in one durable transaction; readers have a connection of
their own. Nothing is told to anybody before its commit is on the disk.
"""

from lanchat.journal.door import DoorRecord, Grave
from lanchat.journal.door_store import DoorStore
from lanchat.journal.journal import Journal
from lanchat.journal.memberships import MembershipRecord, MembershipStore, Unread
from lanchat.journal.numbering import Merged, Refused
from lanchat.journal.reader import Reader
from lanchat.journal.reading import weight
from lanchat.journal.records import Draft, Kept, RoomRecord
from lanchat.journal.repair import Recovery, write_backup
from lanchat.journal.retention import Retention

__all__ = [
    "DoorRecord",
    "DoorStore",
    "Draft",
    "Grave",
    "Journal",
    "Kept",
    "MembershipRecord",
    "MembershipStore",
    "Merged",
    "Reader",
    "Recovery",
    "Refused",
    "Retention",
    "RoomRecord",
    "Unread",
    "weight",
    "write_backup",
]
