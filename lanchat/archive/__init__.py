"""A room as a file: JSON Lines to read it in again, and one HTML page to look at.

Exports and imports are plain functions that take as long as they take: run them in a thread of their own. They hold one
page of events at a time, however large the room is, and end at the next step of their `Progress` once it is cancelled.
"""

from lanchat.archive import offline
from lanchat.archive.carrying import LivingBranches, check_branch
from lanchat.archive.exporting import ArchiveFormat
from lanchat.archive.formats import Archive
from lanchat.archive.importing import LivingRooms, on_loop
from lanchat.archive.jobs import Job, Jobs
from lanchat.archive.progress import Cancelled, Progress
from lanchat.archive.set_aside import SetAside
from lanchat.archive.store import DownloadFolder
from lanchat.archive.transfers import RoomTransfers

__all__ = [
    "Archive",
    "ArchiveFormat",
    "Cancelled",
    "DownloadFolder",
    "Job",
    "Jobs",
    "LivingBranches",
    "LivingRooms",
    "Progress",
    "RoomTransfers",
    "SetAside",
    "check_branch",
    "offline",
    "on_loop",
]
