"""Exported rooms as files, written and read in a job's thread, beside what the node does meanwhile."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from lanchat.archive.exchange import Cancelled, Form, Progress
from lanchat.archive.html import export_html
from lanchat.archive.importing import Imported, id_here, import_jsonl
from lanchat.archive.job import Stopped
from lanchat.archive.jsonl import export_jsonl
from lanchat.errors import NoSuchRoom
from lanchat.journal import Journal, Merged, Reader
from lanchat.protocol import Event, NodeInfo
from lanchat.rooms import RoomRegistry


class RoomFiles:
    """Writes rooms into files and reads them in again. Make it on the event loop of the rooms.

    Args:
        node: this node.
        rooms: where imported rooms are put.
        journal: where their events are kept.
    """

    def __init__(self, node: NodeInfo, rooms: RoomRegistry, journal: Journal) -> None:
        self._node = node
        self._rooms = rooms
        self._journal = journal
        self._loop = asyncio.get_running_loop()

    def write(self, room: str, form: Form, target: Path, progress: Progress, cancelled: Cancelled) -> int:
        """Write everything of the room with this id into a new file; give how many entries that were.

        Raises:
            Stopped: it was cancelled.
            JobError, JournalError: the file cannot be written, or the room cannot be read.
        """
        export = export_html if form == "html" else export_jsonl
        with Reader(self._journal.path) as reader:
            count = export(reader, room, target, progress, cancelled)
        if count is None:
            raise Stopped
        return count

    def read(self, source: Path, progress: Progress, cancelled: Cancelled) -> str:
        """Bring back the room that is in a file; give the sentence that says what came of it.

        Raises:
            Stopped: it was cancelled; what was kept by then stays.
            InvalidArchive: the file is no exported room.
            JournalError: it could not be kept.
        """
        imported = import_jsonl(source, self, self._loop, progress, cancelled)
        if not imported.whole:
            raise Stopped(_sentence(imported))
        return _sentence(imported)

    async def place(self, room: str, name: str) -> str:
        """Return the id of the room of this node that an archive of `room` belongs into; make it when it is missing."""
        with contextlib.suppress(NoSuchRoom):
            if self._rooms.get(room).kind == "home":
                return room
        return (await self._rooms.settle(id_here(self._node.id, room), name)).id

    async def merge(self, room: str, events: Sequence[Event]) -> Merged:
        """Number and keep events of an archive. They call nobody's attention: they happened long ago."""
        found = self._rooms.get(room)
        found.skip_past(found.top + len(events))
        return await self._journal.merge(room, events)


def _sentence(imported: Imported) -> str:
    merged = imported.merged
    parts = [f"{merged.fresh} {'entry is' if merged.fresh == 1 else 'entries are'} now in {imported.name}"]
    if merged.known:
        parts.append(f"{merged.known} {'was' if merged.known == 1 else 'were'} there already")
    if merged.refused:
        parts.append(f"{merged.refused} had no place there")
    return f"{', '.join(parts)}."
