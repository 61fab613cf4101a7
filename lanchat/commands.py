"""The commands of the command line that need no window."""

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

import click
import msgspec

from lanchat.chat import names
from lanchat.chat.codec import encode
from lanchat.chat.cursor import Cursor
from lanchat.chat.protocol import MAX_TEXT, Error, Event, Join, Joined, Post, RoomInfo
from lanchat.config import Config
from lanchat.errors import InvalidFrame, NoSuchRoom, Unauthorised, Unreachable, error_of
from lanchat.lan.follow import follow
from lanchat.lan.records import clean
from lanchat.lan.script import Search, list_rooms, reach

_RECENT = 10
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_LONGEST_LINE = 64 * 1024


async def serve(config: Config, *, as_json: bool) -> None:
    """Run a node until SIGTERM or SIGINT. Raises LanchatError when it cannot run."""
    from lanchat.web.server import serve as open_server  # noqa: PLC0415 - the other commands need no server

    async with open_server(config) as server:
        node = server.node.info
        if as_json:
            ready = {"event": "ready", "window": server.window_url, "lan": server.lan_url, "node": node}
            click.echo(msgspec.json.encode(ready))
        else:
            click.echo(f"Lanchat runs as {node.name!r}.")
            click.echo(f"Anybody on this network joins with a browser:  {server.lan_url}")
            click.echo(f"Your own window, once, within a minute:        {server.new_window_url()}")
            click.echo("Ctrl-C ends it.")
        await _signalled()


async def rooms(search: Search, *, as_json: bool) -> None:
    """Print the rooms on this machine and on the network."""
    found = await list_rooms(search)
    for info in found:
        click.echo(msgspec.json.encode(info) if as_json else _line(info))
    if not found and not as_json:
        click.echo("There is no room here or on the network. Open one with: lanchat", err=True)


async def send(search: Search, room: str, text: str, *, as_json: bool) -> None:
    """Say something in a room, and return once its home has kept it.

    Raises:
        InvalidFrame: there is nothing to say.
        LanchatError: the room cannot be reached, or refused.
    """
    room = names.room_name(room)
    waiting = {secrets.token_hex(16): part for part in split(text)}
    if not waiting:
        raise InvalidFrame("There is nothing to send: the text is empty.")
    async with reach(search, room, create=True) as (connection, info):
        await connection.ask(Join(room=info.id, limit=0, since=info.top), Joined)
        for nonce, part in waiting.items():
            await connection.send(Post(room=info.id, nonce=nonce, text=part))
        async for notice in connection:
            if isinstance(notice, Error) and notice.nonce in waiting:
                raise error_of(notice.code, notice.message)
            if isinstance(notice, Event) and waiting.pop(notice.nonce, None) is not None:
                if as_json:
                    click.echo(msgspec.json.encode({"room": info.id, "seq": notice.seq, "nonce": notice.nonce}))
                if not waiting:
                    return
        raise Unreachable("The connection ended before the room's home had kept the message.")


async def tail(search: Search, room: str, *, since: int | None, wait: bool, as_json: bool) -> None:
    """Print what is said in a room, until SIGTERM or SIGINT, or without `wait` until its top is reached.

    Raises:
        NoSuchRoom: there is no such room now.
        LanchatError: the room refused.
    """
    room = names.room_name(room)
    await _until_signalled(_tail(search, room, since, wait=wait, as_json=as_json))


def split(text: str) -> list[str]:
    """Cut a text into messages of at most MAX_TEXT characters, at the ends of lines where that is possible."""
    parts = []
    rest = text.strip("\r\n")
    while rest.strip():
        cut = len(rest) if len(rest) <= MAX_TEXT else rest.rfind("\n", 1, MAX_TEXT + 1)
        cut = cut if cut > 0 else MAX_TEXT
        part, rest = rest[:cut], rest[cut:].strip("\r\n")
        if part.strip():
            parts.append(part)
    return parts


async def _tail(search: Search, room: str, since: int | None, *, wait: bool, as_json: bool) -> None:
    cursor = None if since is None else Cursor(since)
    pause = _FIRST_PAUSE
    while True:
        try:
            async with reach(search, room, create=False) as (connection, info):
                pause = _FIRST_PAUSE
                cursor = cursor or Cursor(max(0, info.top - _RECENT))
                async for event in follow(connection, info.id, cursor, wait=wait):
                    click.echo(encode(event) if as_json else _spoken(event))
                if not wait:
                    return
        except (Unreachable, NoSuchRoom, Unauthorised):
            # Where the room was once, its home may come back; where it never was, the name is wrong.
            if cursor is None or not wait:
                raise
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


def _line(info: RoomInfo) -> str:
    people = f"{info.members} here" if info.members else "empty"
    return f"{info.name}\t{people}\t{clean(info.node.name, _LONGEST_LINE, '?')}"


def _spoken(event: Event) -> str:
    at = datetime.fromtimestamp(event.at / 1000).astimezone().strftime("%H:%M")
    # A peer's words must not move the cursor or change the colours of our terminal.
    lines = (clean(line, _LONGEST_LINE, "") for line in event.body.text.splitlines())
    return f"{at} {clean(event.author.nick, _LONGEST_LINE, '?')}: " + "\n      ".join(lines)


async def _signalled() -> None:
    """Wait until the program is asked to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, asked.set)
        except NotImplementedError:  # Windows: its event loop takes no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(asked.set))
    await asked.wait()


async def _until_signalled(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    asked = asyncio.ensure_future(_signalled())
    await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
    for other in (task, asked):
        other.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    with contextlib.suppress(asyncio.CancelledError):
        await task
