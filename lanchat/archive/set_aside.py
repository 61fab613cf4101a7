"""What a mirror had, when its home turns out to have another history: never merged, never thrown away."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

from lanchat.archive.jsonl import export_jsonl
from lanchat.archive.store import Downloads
from lanchat.errors import JobError
from lanchat.identity import Owner
from lanchat.journal import Journal, Reader
from lanchat.notify import Notifications
from lanchat.rooms import Room

_log = logging.getLogger(__name__)


class SetAside:
    """Puts a mirror's copy into a file, and lets the mirror begin again.

    Args:
        folder: where the files go.
        journal: keeps the mirrors.
        notifications: tells the people here.
        owner: in whose name they are told.
    """

    def __init__(self, folder: Path, journal: Journal, notifications: Notifications, owner: Owner) -> None:
        self._files = Downloads(folder, folder)
        self._folder = folder
        self._journal = journal
        self._notifications = notifications
        self._owner = owner

    async def set_aside(self, room: Room) -> None:
        """Put everything that a mirror has into a file, then empty it; what waits for the home goes on waiting.

        Raises:
            JobError, DiskFull: the file cannot be written; the mirror stays as it is.
            JournalError: the mirror cannot be read or emptied.
        """
        try:
            path = await asyncio.get_running_loop().run_in_executor(None, self._write, room)
        except OSError as error:
            raise JobError(f"The copy of {room.name} cannot be written: {error.strerror or error}.") from None
        await self._journal.renew_room(room.record)
        _log.warning("The home of room %r has another history; the copy that was here is in %s", room.name, path)
        await room.start_over()
        await self._notifications.announce(
            self._owner.author,
            f"The history of {room.name} was replaced at its home. What this machine had of it is kept in {path}.",
        )

    def _write(self, room: Room) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._files.draft(room.id) as draft, Reader(self._journal.path) as reader:
            export_jsonl(reader, room.id, draft, lambda *_: None, lambda: False)
            day = datetime.now().astimezone().date().isoformat()
            return self._files.publish(draft, f"{room.name} {day}", ".jsonl")
