"""`backup`, `export` and `import`: what a person keeps in files of their own."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

import click
import msgspec

from lanchat import client, runtime
from lanchat.archive import Archive, Form, offline
from lanchat.commands.progress import Progress, progress
from lanchat.config import Config
from lanchat.errors import DataDirUnusable, Unauthorised, Unreachable
from lanchat.identity import names
from lanchat.journal import write_backup
from lanchat.lan.connection import Connection
from lanchat.protocol import JobStatus
from lanchat.runtime import Running


async def backup(config: Config, file: Path, *, as_json: bool) -> None:
    """Copy the database into a file, whether a node uses it or not.

    Raises:
        DataDirUnusable: there is no database.
        JournalError: the file is there already, or cannot be written.
    """
    await asyncio.to_thread(_copy, config, file)
    _say(f"The database is copied to {file}.", as_json=as_json)


async def export_room(config: Config, room: str, file: Path | None, form: Form | None, *, as_json: bool) -> None:
    """Write a room into a file, or when none is named, into one among the downloads.

    The node of this user does that, if one runs, because it knows where its downloads go. Into a file that was named
    this program writes itself: a node writes nowhere else because somebody at its window says so.

    Without a form it is the one that the file's name says, else JSON Lines.

    Raises:
        NoSuchRoom: there is none of this name on this machine.
        LanchatError: it cannot be read, or the file cannot be written.
    """
    room = names.room_name(room)
    form = form or ("html" if file is not None and file.suffix.lower() in {".html", ".htm"} else "jsonl")
    async with contextlib.AsyncExitStack() as stack:
        here = await _node(config, stack) if file is None else None
        shown = stack.enter_context(progress(as_json=as_json))
        if here is not None:
            text = await client.export_room(here[1], room, form, partial(_show, shown, "exporting"))
        else:
            text = await offline.export_room(config, room, form, file, partial(shown.say, "exporting"))
    _say(text, as_json=as_json)


async def import_room(config: Config, file: Path, *, as_json: bool) -> None:
    """Bring back the room that is in a file, through this user's node if one runs.

    Raises:
        InvalidArchive: the file is no exported room.
        LanchatError: it cannot be kept.
    """
    async with contextlib.AsyncExitStack() as stack:
        here = await _node(config, stack)
        shown = stack.enter_context(progress(as_json=as_json))
        if here is not None:
            await asyncio.to_thread(_check, file)
            text = await client.import_room(here[1], here[0], file, partial(_show, shown, "importing"))
        else:
            text = await offline.import_room(config, file, partial(shown.say, "importing"))
    _say(text, as_json=as_json)


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


def _show(shown: Progress, doing: str, job: JobStatus) -> None:
    shown.say("sending" if (job.kind, job.state) == ("import", "waiting") else doing, job.done, job.total)


def _say(text: str, *, as_json: bool) -> None:
    click.echo(msgspec.json.encode({"event": "done", "text": text}) if as_json else text)
