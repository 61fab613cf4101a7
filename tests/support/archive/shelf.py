"""Where the tests put archives: a journal, without the rooms of a node around it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from lanchat.archive.exporting import ArchiveFormat, Exported, export_room
from lanchat.archive.importing import Imported, Place, id_here, import_room, on_loop
from lanchat.archive.progress import Progress
from lanchat.archive.store import NamedFile
from lanchat.journal import Journal, Merged, Reader
from lanchat.protocol import Event
from tests.support.identity import SEAL
from tests.support.rooms.said import HERE, record


class Shelf:
    """Make it on the event loop of the journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._loop = asyncio.get_running_loop()

    def place(self, room: str, name: str) -> Place:
        return on_loop(self._place(room, name), self._loop)

    def knows(self, room: str, nonces: Sequence[str]) -> bool:
        return on_loop(self._knows(room, nonces), self._loop)

    def merge(self, room: str, events: Sequence[Event]) -> Merged:
        return on_loop(self._merge(room, events), self._loop)

    async def _knows(self, room: str, nonces: Sequence[str]) -> bool:
        return set(nonces) <= {event.nonce for event in await self.journal.after(room, 0, 9999)}

    async def _place(self, room: str, name: str) -> Place:
        homes = {known.id for known in await self.journal.rooms() if known.home.id == HERE.id}
        place = room if room in homes else id_here(HERE.id, room)
        if place not in homes:
            await self.journal.put_room(record(place, name))
        return Place(place, stands=place == room and self.journal.top(room) > 0)

    async def _merge(self, room: str, events: Sequence[Event]) -> Merged:
        return await self.journal.merge(room, events)


class Watched(Progress):
    """Remembers its steps, and is cancelled after so many; 0 for never."""

    def __init__(self, last: int = 0) -> None:
        super().__init__(self._note)
        self.steps: list[tuple[int, int]] = []
        self._last = last

    def _note(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        if len(self.steps) == self._last:
            self.cancel()


def cancelled() -> Progress:
    """Return the progress of work that is cancelled before it begins."""
    progress = Progress()
    progress.cancel()
    return progress


def export(
    reader: Reader,
    path: Path,
    archive_format: ArchiveFormat = "jsonl",
    *,
    room: str = "r1",
    progress: Progress | None = None,
) -> Exported:
    return export_room(reader, room, archive_format, NamedFile(path), progress or Progress(), seal=SEAL)


async def bring(path: Path, shelf: Shelf, progress: Progress | None = None, *, merge: bool = False) -> Imported:
    return await asyncio.to_thread(import_room, path, shelf, progress or Progress(), merge=merge)
