"""`backup`, `export` and `import`: what a person keeps in files of their own."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

import click
import msgspec

from lanchat import client, runtime
from lanchat.archive import Archive, ArchiveFormat, check_branch, offline
from lanchat.commands.progress import ProgressLine, progress_line
from lanchat.config import Config
from lanchat.errors import DataDirUnusable, Unauthorised, Unreachable
from lanchat.identity import names
from lanchat.journal import write_backup
from lanchat.lan.connection import Connection
from lanchat.protocol import JobStatus
from lanchat.rooms import AT_MACHINE, Access
from lanchat.runtime import Running


async def backup(config: Config, file: Path, *, as_json: bool) -> None:
    """Copy the database into a file, whether a node uses it or not.

    Raises:
        DataDirUnusable: there is no database.
        JournalError: the file is there already, or cannot be written.
    """
    Access().check(AT_MACHINE, "archive")
    await asyncio.to_thread(_copy, config, file)
    _print(f"The database is copied to {file}.", as_json=as_json)


async def export_room(
    config: Config, room: str, file: Path | None, archive_format: ArchiveFormat | None, *, as_json: bool
) -> None:
    """Write a room into a file, or when none is named, into one among the downloads.

    The node of this user does that, if one runs, because it knows where its downloads go. Into a file that was named
    this program writes itself: a node writes nowhere else because somebody at its window says so.

    Without a format it is the one that the file's name says, else JSON Lines.

    Raises:
        NoSuchRoom: there is none of this name on this machine.
        LanchatError: it cannot be read, or the file cannot be written.
    """
    room = names.room_name(room)
    Access().check(AT_MACHINE, "archive")
    archive_format = archive_format or _format_of(file)
    async with contextlib.AsyncExitStack() as stack:
        here = await _node(config, stack) if file is None else None
        line = stack.enter_context(progress_line(as_json=as_json))
        if here is not None:
            text = await client.export_room(here[1], room, archive_format, partial(_show, line, "exporting"))
        else:
            text = await offline.export_room(config, room, archive_format, file, partial(line.show, "exporting"))
    _print(text, as_json=as_json)


async def import_room(config: Config, file: Path, *, merge: bool = False, carried: bool = False, as_json: bool) -> None:
    """Bring back the room that is in a file, through this user's node if one runs; join it when it was carried here.

    Raises:
        InvalidArchive: the file is no exported room.
        RoomIsHere: it has new entries for a room that is here, and `merge` is not given.
        LanchatError: it cannot be kept.
    """
    Access().check(AT_MACHINE, "archive")
    async with contextlib.AsyncExitStack() as stack:
        here = await _node(config, stack)
        line = stack.enter_context(progress_line(as_json=as_json))
        if here is not None:
            await asyncio.to_thread(check_branch if carried else _check, file)
            shown = partial(_show, line, "importing")
            text = await client.import_room(here[1], here[0], file, shown, merge=merge, carried=carried)
        else:
            shown_here = partial(line.show, "importing")
            text = await offline.import_room(config, file, shown_here, merge=merge, carried=carried)
    _print(text, as_json=as_json)


def _format_of(file: Path | None) -> ArchiveFormat:
    return "html" if file is not None and file.suffix.lower() in {".html", ".htm"} else "jsonl"


async def _node(config: Config, stack: contextlib.AsyncExitStack) -> tuple[Running, Connection] | None:
    """Connect to the node of this data directory, until `stack` ends; None when there is none."""
    node = runtime.read(config.data_dir)
    if node is not None:
        # The runtime file of a killed node stays behind.
        with contextlib.suppress(Unreachable, Unauthorised):
            return node, await stack.enter_async_context(client.at_window(node))
    return None


def _copy(config: Config, file: Path) -> None:
    if not config.database.exists():
        raise DataDirUnusable(f"There is no database of Lanchat in {config.data_dir}.")
    write_backup(config.database, file)


def _check(file: Path) -> None:
    """Find what is wrong with a file before it is sent. Raises InvalidArchive."""
    with Archive(file):
        pass


def _show(line: ProgressLine, doing: str, job: JobStatus) -> None:
    line.show("sending" if (job.kind, job.state) == ("import", "waiting") else doing, job.done, job.total)


def _print(text: str, *, as_json: bool) -> None:
    click.echo(msgspec.json.encode({"event": "done", "text": text}) if as_json else text)
