"""What an exported room looks like: JSON Lines, written and read, and an HTML page. They know files, and no jobs."""

from lanchat.archive.formats.events import event_of
from lanchat.archive.formats.html import write_html
from lanchat.archive.formats.jsonl import write_jsonl
from lanchat.archive.formats.lines import EventLine, Header
from lanchat.archive.formats.reading import Archive

__all__ = [
    "Archive",
    "EventLine",
    "Header",
    "event_of",
    "write_html",
    "write_jsonl",
]
