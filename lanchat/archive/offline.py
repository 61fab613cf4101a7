"""RoomRegistry out into files and in again without a node: straight from the database, and into it."""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lanchat.archive.exchange import Cancelled, Form, Progress
from lanchat.archive.html import export_html
from lanchat.archive.job import Stopped
from lanchat.archive.jsonl import export_jsonl
from lanchat.archive.room_files import RoomFiles
from lanchat.archive.store import Downloads
from lanchat.config import Config
from lanchat.errors import AlreadyRunning, JobError, LanchatError, NoSuchRoom
from lanchat.identity import identify
from lanchat.journal import Journal, Reader, RoomRecord
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify import Notifications
from lanchat.protocol import Event
from lanchat.rooms import RoomRegistry
from lanchat.runtime import occupy


async def export_room(config: Config, name: str, form: Form, file: Path | None, progress: Progress) -> str:
    """Write a room into a file; give the sentence that says what came of it. Cancel it to end it early.

    A node may use the database meanwhile. When none does, the database is brought to this version first.

    Args:
        config: `data_dir` has the database, `downloads` takes the file when none is named.
        name: of the room.
        form: of the file.
        file: where to; nothing is overwritten.
        progress: told, in another thread, how much is done, and of how much.

    Raises:
        NoSuchRoom: there is none of this name.
        JobError: the file is there already, or cannot be written.
        JournalError: the database cannot be read, or the disk is full.
    """
    _check(config.database, name, file)
    async with contextlib.AsyncExitStack() as stack:
        with contextlib.suppress(AlreadyRunning):
            stack.enter_context(occupy(config.data_dir))
            await stack.enter_async_context(Journal(config.database, _tell_nobody))

        target = file or Downloads(config.downloads, config.data_dir / "exports")
        return await _in_thread(partial(_export, config.database, name, form, target, progress))


async def import_room(config: Config, file: Path, progress: Progress) -> str:
    """Bring back the room that is in a file; give the sentence that says what came of it. Cancel it to end it early.

    Raises:
        AlreadyRunning: a node uses the database; it has to do this itself.
        DataDirUnusable: nothing can be written there.
        InvalidArchive: the file is no exported room.
        JournalError: it could not be kept.
    """
    with occupy(config.data_dir):
        async with InMemoryChannelLayer() as layer, Journal(config.database, _tell_nobody) as journal:
            node = await identify(journal, config.name)
            rooms = RoomRegistry(node, journal, layer, lambda: None, Notifications(layer))
            await rooms.load()
            files = RoomFiles(node, rooms, journal)
            try:
                return await _in_thread(partial(files.read, file, progress))
            finally:
                await rooms.close()


def _check(database: Path, name: str, file: Path | None) -> None:
    if file is not None and file.exists():
        raise JobError(f"There is something at {file} already; choose another name.")
    if not database.exists():
        raise _no_room(name)


def _export(  # noqa: PLR0917 - a thread takes them so
    database: Path, name: str, form: Form, target: Path | Downloads, progress: Progress, cancelled: Cancelled
) -> str:
    export = export_html if form == "html" else export_jsonl
    with Reader(database) as reader:
        room = _named(reader, name)

        def write(path: Path) -> int:
            count = export(reader, room.id, path, progress, cancelled)
            if count is None:
                raise Stopped
            return count

        if isinstance(target, Path):
            return _sentence(write(target), target)
        try:
            with target.draft(secrets.token_hex(16)) as draft:
                count = write(draft)
                return _sentence(count, target.publish(draft, f"{room.name} {time.strftime('%Y-%m-%d')}", f".{form}"))
        except OSError as error:
            raise JobError(f"The file cannot be written: {error.strerror or error}.") from error


def _sentence(count: int, path: Path) -> str:
    return f"{count} {'entry is' if count == 1 else 'entries are'} in {path}."


def _named(reader: Reader, name: str) -> RoomRecord:
    """Return the room of this name; one that has its home here, and so no address, goes before a mirror."""
    named = [room for room in reader.rooms() if room.name == name]
    if not named:
        raise _no_room(name)
    return min(named, key=lambda room: len(room.addresses))


def _no_room(name: str) -> NoSuchRoom:
    return NoSuchRoom(f"There is no room called {name!r} on this machine.")


async def _in_thread(work: Callable[[Cancelled], str]) -> str:
    """Do something in a thread; when that is cancelled, the work is told, and waited for."""
    end = threading.Event()
    thread = asyncio.ensure_future(asyncio.to_thread(work, end.is_set))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        end.set()
        with contextlib.suppress(Stopped, LanchatError):
            await thread
        raise


async def _tell_nobody(room: str, events: list[Event]) -> None:
    """Nobody is here who could be told."""
