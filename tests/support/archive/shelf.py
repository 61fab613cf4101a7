"""Where the tests put archives: a journal, without the rooms of a node around it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from lanchat.archive import Imported, export_jsonl, import_jsonl
from lanchat.archive.importing import id_here
from lanchat.journal import Journal, Merged, Reader
from lanchat.protocol import Event
from tests.support.rooms.said import HERE, record


class Shelf:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def place(self, room: str, name: str) -> str:
        homes = {known.id for known in await self.journal.rooms() if known.home.id == HERE.id}
        place = room if room in homes else id_here(HERE.id, room)
        if place not in homes:
            await self.journal.put_room(record(place, name))
        return place

    async def merge(self, room: str, events: Sequence[Event]) -> Merged:
        return await self.journal.merge(room, events)


def ignore(done: int, total: int) -> None:
    """Nobody watches."""


def never() -> bool:
    """Nobody cancels."""
    return False


def export(reader: Reader, path: Path) -> int | None:
    return export_jsonl(reader, "r1", path, ignore, never)


async def bring(path: Path, shelf: Shelf) -> Imported:
    return await asyncio.to_thread(import_jsonl, path, shelf, asyncio.get_running_loop(), ignore, never)
