"""A room as a file: JSON Lines to read it in again, and one HTML page to look at.

These are plain functions that take as long as they take: run them in a thread of their own, with a `Reader` of
their own. They hold one page of events at a time, however large the room is.
"""

from lanchat.chat.archive.bringing import Imported, import_jsonl
from lanchat.chat.archive.jsonl import export_jsonl
from lanchat.chat.archive.page import export_html

__all__ = ["Imported", "export_html", "export_jsonl", "import_jsonl"]
