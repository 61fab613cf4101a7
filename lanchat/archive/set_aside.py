"""What a mirror had, when its home turns out to have another history: never merged, never thrown away."""

import logging
import time
from functools import partial
from pathlib import Path

from lanchat.archive.exporting import export_room
from lanchat.archive.progress import Progress, in_thread
from lanchat.archive.store import DownloadFolder
from lanchat.errors import JobError
from lanchat.identity import Owner
from lanchat.journal import Journal, Reader
from lanchat.limits import Limits
from lanchat.notify import Notifications
from lanchat.rooms import Room

_log = logging.getLogger(__name__)

BETWEEN = 3600.0
"""Seconds between two copies of one room: a home that replaces its history again and again fills no disk."""


class SetAside:
    """Puts a mirror's copy into a file, and lets the mirror begin again.

    Args:
        folder: where the files go; nothing in it is thrown away.
        journal: keeps the mirrors.
        notifications: tells the people here.
        owner: in whose name they are told.
        limits: how many files there may be, and bytes in them from which on no more are made.
    """

    def __init__(
        self, folder: Path, journal: Journal, notifications: Notifications, owner: Owner, limits: Limits
    ) -> None:
        self._limits = limits
        self._folder = folder
        self._files = DownloadFolder(folder, folder)
        self._last: dict[str, float] = {}
        self._journal = journal
        self._notifications = notifications
        self._owner = owner

    async def set_aside(self, room: Room) -> None:
        """Put everything that a mirror has into a file, then empty it; what waits for the home goes on waiting.

        Raises:
            JobError, DiskFull: the file cannot be written, or there were too many; the mirror stays as it is.
            JournalError: the mirror cannot be read or emptied.
        """
        self._check(room)
        self._last[room.id] = time.monotonic()
        path = await in_thread(partial(self._write, room.id))
        await self._journal.renew_room(room.record)
        _log.warning("The home of room %r has another history; the copy that was here is in %r", room.name, path)
        await room.start_over()
        await self._notifications.announce(
            self._owner.author,
            f"The history of {room.name} was replaced at its home, or begins later there. "
            f"What this machine had of it is kept in {path}.",
        )

    def _check(self, room: Room) -> None:
        """Return if another copy may be made. Raises JobError."""
        last = self._last.get(room.id)
        if last is not None and time.monotonic() - last < BETWEEN:
            raise JobError("It has another history once more, within an hour; what is here stays as it is until then.")
        sizes = [path.stat().st_size for path in self._folder.glob("*.jsonl")] if self._folder.is_dir() else []
        if len(sizes) >= self._limits.set_aside_files or sum(sizes) >= self._limits.set_aside_bytes:
            raise JobError(
                f"It has another history, and {self._folder} is full: {len(sizes)} files, {sum(sizes)} bytes. "
                "What is here stays as it is; move files away to let the room go on."
            )

    def _write(self, room: str, progress: Progress) -> str:
        with Reader(self._journal.path) as reader:
            return export_room(reader, room, "jsonl", self._files, progress, seal=self._owner.seal).path
