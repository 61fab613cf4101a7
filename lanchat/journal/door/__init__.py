"""What is kept of the doors of rooms: rules, who was let in at this node, and passphrases."""

from lanchat.journal.door import rows
from lanchat.journal.door.rows import DoorRecord, Grave

__all__ = [
    "DoorRecord",
    "Grave",
    "rows",
]
