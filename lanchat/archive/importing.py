"""How an exported room gets into this node: merged with what is here, nothing twice."""

import asyncio
import hashlib
import itertools
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from lanchat.archive.format import EventLine
from lanchat.archive.pages import Cancelled, Progress
from lanchat.archive.reading import Archive
from lanchat.errors import DiskFull, JournalFailed
from lanchat.journal import Merged
from lanchat.protocol import Event

BATCH = 200
"""Events that are merged in one transaction."""
_PATIENCE = 1.0
"""Seconds between two looks whether the loop still runs."""
T = TypeVar("T")


class Shelf(Protocol):
    """Where archives are put."""

    async def place(self, room: str, name: str) -> str:
        """Return the id of the room of this node that an archive of `room` belongs into; make it when it is missing.

        That is `room` itself when its home is here, else the room of the id `id_here`.
        """

    async def merge(self, room: str, events: Sequence[Event]) -> Merged:
        """Number and keep events (Journal.merge)."""


class Imported(msgspec.Struct, frozen=True):
    """What came of an import.

    Attributes:
        room, name: the room that has it now.
        merged: what came of its events.
        whole: false when it was cancelled; what was merged by then stays, and a second import goes on from there.
    """

    room: str
    name: str
    merged: Merged
    whole: bool


def import_jsonl(
    path: Path, shelf: Shelf, loop: asyncio.AbstractEventLoop, progress: Progress, cancelled: Cancelled
) -> Imported:
    """Read an exported room into this node. The file is checked whole before anything of it is kept.

    Args:
        path: the file.
        shelf: where it is put.
        loop: the running loop to which the shelf belongs; this function runs in another thread.
        progress: told how many events are merged, and of how many.
        cancelled: asked between two batches.

    Raises:
        InvalidArchive: the file is no exported room, or was cut or changed; nothing of it was kept.
        DiskFull: there is no room for all of it; what was merged by then stays, and a second import goes on from there.
        JournalError: it could not be kept, or not all of it.
    """
    with Archive(path) as archive:
        merged, done = Merged(), 0
        try:
            room = _wait(shelf.place(archive.header.room, archive.header.name), loop)
            progress(0, archive.count)
            lines = archive.lines()
            while batch := list(itertools.islice(lines, BATCH)):
                if cancelled():
                    return Imported(room, archive.header.name, merged, whole=False)
                step = _wait(shelf.merge(room, [_event(room, line) for line in batch]), loop)
                merged = Merged(merged.fresh + step.fresh, merged.known + step.known, merged.refused + step.refused)
                done += len(batch)
                progress(done, archive.count)
        except DiskFull:
            raise DiskFull(
                f"The disk is full: {done} of {archive.count} entries were brought in;"
                " free some space and import the file again."
            ) from None
        return Imported(room, archive.header.name, merged, whole=True)


def id_here(node: str, room: str) -> str:
    """Return the id under which a node keeps an archive of a room whose home is elsewhere, or is gone.

    It is always the same, so that a second import finds the first; and it is another one than the room's, because two
    homes of one room would number differently.
    """
    return hashlib.sha256(f"lanchat import {node} {room}".encode()).hexdigest()[:32]


def _event(room: str, line: EventLine) -> Event:
    return Event(
        room=room,
        seq=line.seq,
        term=1,
        nonce=line.nonce,
        author=line.author,
        at=line.at,
        kind=line.kind,
        body=line.body,
    )


def _wait(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """Have the loop do something, and wait for it as long as the loop runs."""
    try:
        future = asyncio.run_coroutine_threadsafe(work, loop)
    except RuntimeError:
        work.close()
        raise JournalFailed from None
    while True:
        try:
            return future.result(_PATIENCE)
        except TimeoutError:
            if not loop.is_running():
                future.cancel()
                raise JournalFailed from None
