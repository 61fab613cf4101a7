"""What is kept of the doors of rooms: rules, who was let in, passphrases and invitations."""

from lanchat.journal.door import rows
from lanchat.journal.door.rows import DoorRecord, Grave, Invitation

__all__ = [
    "DoorRecord",
    "Grave",
    "Invitation",
    "rows",
]
