"""A room as a file: JSON Lines to read it in again, and one HTML page to look at.

These are plain functions that take as long as they take: run them in a thread of their own, with a `Reader` of
their own. They hold one page of events at a time, however large the room is.
"""

from lanchat.archive import offline
from lanchat.archive.exchange import Exchange, Form
from lanchat.archive.html import export_html
from lanchat.archive.importing import Imported, import_jsonl
from lanchat.archive.job import Job
from lanchat.archive.jobs import Jobs
from lanchat.archive.jsonl import export_jsonl
from lanchat.archive.reading import Archive
from lanchat.archive.room_files import RoomFiles
from lanchat.archive.set_aside import SetAside
from lanchat.archive.store import Downloads

__all__ = [
    "Archive",
    "Downloads",
    "Exchange",
    "Form",
    "Imported",
    "Job",
    "Jobs",
    "RoomFiles",
    "SetAside",
    "export_html",
    "export_jsonl",
    "import_jsonl",
    "offline",
]
