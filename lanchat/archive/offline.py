"""Rooms out into files and in again without a node: straight from the database, and into it."""

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lanchat.archive import carrying, exporting, importing
from lanchat.archive.exporting import ArchiveFormat
from lanchat.archive.progress import OnStep, Progress, in_thread
from lanchat.archive.store import DownloadFolder, ExportTarget, NamedFile
from lanchat.config import Config
from lanchat.errors import AlreadyRunning, JobError, NoSuchRoom
from lanchat.identity import Keyring, Seal, identify
from lanchat.journal import Journal, Reader
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify import Notifications
from lanchat.protocol import Event
from lanchat.rooms import RoomRegistry
from lanchat.runtime import occupy


async def export_room(
    config: Config, name: str, archive_format: ArchiveFormat, file: Path | None, on_step: OnStep
) -> str:
    """Write a room into a file; return the sentence that says what came of it. Cancel it to end it early.

    A node may use the database meanwhile. When none does, the database is brought to this version first.

    Args:
        config: `data_dir` has the database, `downloads` takes the file when none is named.
        name: of the room.
        archive_format: of the file.
        file: where to; nothing is overwritten.
        on_step: called, in another thread, with how much is done, and of how much.

    Raises:
        NoSuchRoom: there is none of this name.
        JobError: the file is there already, or cannot be written.
        JournalError: the database cannot be read, or the disk is full.
        DataDirUnusable: the keys beside it cannot be read.
    """
    _check(config.database, name, file)
    async with contextlib.AsyncExitStack() as stack:
        with contextlib.suppress(AlreadyRunning):
            stack.enter_context(occupy(config.data_dir))
            await stack.enter_async_context(Journal(config.database, _tell_nobody))

        seal = Seal(Keyring.load(config.data_dir).person)
        target = NamedFile(file) if file else DownloadFolder(config.downloads, config.data_dir / "exports")
        return await in_thread(partial(_export, config.database, name, archive_format, target, seal=seal), on_step)


async def import_room(
    config: Config, file: Path, on_step: OnStep, *, merge: bool = False, carried: bool = False
) -> str:
    """Bring back the room that is in a file; return the sentence that says what came of it. Cancel it to end it early.

    With `carried` it is a branch, which is joined with what is here.

    Raises:
        AlreadyRunning: a node uses the database; it has to do this itself.
        DataDirUnusable: nothing can be written there.
        InvalidArchive: the file is no exported room.
        RoomIsHere: it has new entries for a room that is here, and `merge` is not given.
        JournalError: it could not be kept.
    """
    with occupy(config.data_dir):
        async with InMemoryChannelLayer() as layer, Journal(config.database, _tell_nobody) as journal:
            node = await identify(journal, Keyring.load(config.data_dir), config.name)
            rooms = RoomRegistry(node, journal, layer, lambda: None, Notifications(layer))
            await rooms.load()
            work: Callable[[Progress], object] = partial(
                importing.import_room, file, importing.LivingRooms(node, rooms, journal), merge=merge
            )
            if carried:
                work = partial(carrying.open_branch, file, carrying.LivingBranches(node, rooms, journal))
            try:
                return str(await in_thread(work, on_step))
            finally:
                await rooms.close()


def _check(database: Path, name: str, file: Path | None) -> None:
    if file is not None and file.exists():
        raise JobError(f"There is something at {file} already; choose another name.")
    if not database.exists():
        raise _no_room(name)


def _export(
    database: Path, name: str, archive_format: ArchiveFormat, target: ExportTarget, progress: Progress, *, seal: Seal
) -> str:
    with Reader(database) as reader:
        room = _room_named(reader, name)
        return str(exporting.export_room(reader, room, archive_format, target, progress, seal=seal))


def _room_named(reader: Reader, name: str) -> str:
    """Return the id of the room of this name; one that has its home here, and so no address, goes before a mirror."""
    named = [room for room in reader.rooms() if room.name == name]
    if not named:
        raise _no_room(name)
    return min(named, key=lambda room: len(room.addresses)).id


def _no_room(name: str) -> NoSuchRoom:
    return NoSuchRoom(f"There is no room called {name!r} on this machine.")


async def _tell_nobody(room: str, events: list[Event]) -> None:
    """Nobody is here who could be told."""
