"""The durable numbered record of rooms, in SQLite.

One writer owns the database and keeps what waits together in one durable transaction; readers have a connection of
their own. Nothing is told to anybody before its commit is on the disk.
"""

from lanchat.journal.door import DoorRecord, Grave
from lanchat.journal.journal import Journal
from lanchat.journal.memberships import MembershipRecord, MembershipStore, Unread
from lanchat.journal.numbering import Merged, Numbered, Refused
from lanchat.journal.outbox import ALL, FIRST
from lanchat.journal.reader import Reader
from lanchat.journal.reading import weight
from lanchat.journal.records import Draft, Kept, LedgerRecord, Logged, RoomRecord, Turn
from lanchat.journal.repair import Recovery, write_backup
from lanchat.journal.retention import Retention
from lanchat.journal.stores import PIECE, DoorStore, LedgerStore

__all__ = [
    "ALL",
    "FIRST",
    "PIECE",
    "DoorRecord",
    "DoorStore",
    "Draft",
    "Grave",
    "Journal",
    "Kept",
    "LedgerRecord",
    "LedgerStore",
    "Logged",
    "MembershipRecord",
    "MembershipStore",
    "Merged",
    "Numbered",
    "Reader",
    "Recovery",
    "Refused",
    "Retention",
    "RoomRecord",
    "Turn",
    "Unread",
    "weight",
    "write_backup",
]
