"""The commands of the command line that need no window."""

import asyncio
import contextlib
import os
import secrets
import signal
import stat
import sys
from collections import deque
from collections.abc import Coroutine, Iterator
from datetime import datetime
from typing import Any

import click
import msgspec

from lanchat.chat import names
from lanchat.chat.codec import encode
from lanchat.chat.cursor import Cursor
from lanchat.chat.protocol import MAX_TEXT, Error, Event, Join, Joined, Post, RoomInfo
from lanchat.config import Config
from lanchat.errors import InvalidFrame, LanchatError, NoSuchRoom, Unauthorised, Unreachable, error_of
from lanchat.lan.client import Connection
from lanchat.lan.follow import follow
from lanchat.lan.script import Search, list_rooms, reach

_RECENT = 10
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_AT_ONCE = 64
_JOINERS = "\u200c\u200d"


async def serve(config: Config, *, as_json: bool) -> None:
    """Run a node until SIGTERM or SIGINT. Raises LanchatError when it cannot run."""
    from lanchat.web.server import serve as open_server  # noqa: PLC0415 - the other commands need no server

    with _asked_to_end() as asked:
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
            await asked.wait()


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
    parts = deque(split(text))
    if not parts:
        raise InvalidFrame("There is nothing to send: the text is empty.")
    async with reach(search, room, create=True) as (connection, info):
        await connection.ask(Join(room=info.id, limit=0, since=info.top), Joined)
        waiting: set[str] = set()
        while parts or waiting:
            # A node cuts off who sends much and reads nothing, so its answers are read in between.
            while parts and len(waiting) < _AT_ONCE:
                nonce = secrets.token_hex(16)
                await connection.send(Post(room=info.id, nonce=nonce, text=parts.popleft()))
                waiting.add(nonce)
            event = await _kept(connection, waiting)
            if as_json:
                click.echo(msgspec.json.encode({"room": info.id, "seq": event.seq, "nonce": event.nonce}))


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
    begin = 0
    while begin < len(text):
        if text[begin] in "\r\n":
            begin += 1
            continue
        end = begin + MAX_TEXT
        if end < len(text):
            line = text.rfind("\n", begin, end + 1)
            end = line if line > begin else end
        part = text[begin:end].rstrip("\r\n")
        if part.strip():
            parts.append(part)
        begin = end
    return parts


def visible(text: str) -> str:
    """Replace what would move the cursor of a terminal, change its colours or reverse its text, by spaces."""
    return "".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text)


async def _kept(connection: Connection, waiting: set[str]) -> Event:
    """Wait until one of the posts with these nonces is kept, and take its nonce out."""
    async for notice in connection:
        if isinstance(notice, Error) and notice.nonce in waiting:
            raise error_of(notice.code, notice.message)
        if isinstance(notice, Event) and notice.nonce in waiting:
            waiting.remove(notice.nonce)
            return notice
    raise Unreachable("The connection ended before the room's home had kept the message.")


async def _tail(search: Search, room: str, since: int | None, *, wait: bool, as_json: bool) -> None:
    cursor = None if since is None else Cursor(since)
    followed = ""
    pause = _FIRST_PAUSE
    while True:
        reached = False
        try:
            async with reach(search, room, create=False) as (connection, info):
                reached, pause = True, _FIRST_PAUSE
                if cursor is None:
                    cursor = Cursor(max(0, info.top - _RECENT))
                elif followed not in {"", info.id}:
                    cursor = Cursor()  # a room of the same name with another history
                followed = info.id
                async for event in follow(connection, info.id, cursor, wait=wait):
                    click.echo(encode(event) if as_json else spoken(event))
                if not wait:
                    return
        except LanchatError as error:
            # Where the room was once, its home may come back; where it never was, the name is wrong.
            again = error.retry or (not reached and isinstance(error, NoSuchRoom | Unauthorised))
            if not followed or not wait or not again:
                raise
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


def spoken(event: Event) -> str:
    """Give an event as a person reads it in a terminal: the time here, the name, and the lines of the text."""
    try:
        at = datetime.fromtimestamp(event.at / 1000).astimezone().strftime("%H:%M")
    except (OverflowError, OSError, ValueError):
        at = "--:--"  # a home may say anything
    lines = (visible(line.expandtabs(4)) for line in event.body.text.splitlines())
    return f"{at} {visible(event.author.nick)}: " + "\n      ".join(lines)


def _line(info: RoomInfo) -> str:
    people = f"{info.members} here" if info.members else "empty"
    return f"{visible(info.name)}\t{people}\t{visible(info.node.name)}"


@contextlib.contextmanager
def _asked_to_end() -> Iterator[asyncio.Event]:
    """Give an event that is set when a signal asks the program to end. A second signal ends it at once."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: int) -> None:
        asked.set()
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        try:
            loop.add_signal_handler(number, ask, number)
        except NotImplementedError:  # Windows: its event loop takes no signals
            signal.signal(number, lambda number, _: loop.call_soon_threadsafe(ask, number))
    try:
        yield asked
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


@contextlib.contextmanager
def _told_of_closed_pipe(gone: asyncio.Event) -> Iterator[None]:
    """Set `gone` when nobody reads our output any more: `tail | head` ends then, and not at the next event."""
    loop = asyncio.get_running_loop()
    try:
        output = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(output).st_mode):
            loop.add_reader(output, gone.set)
    except (AttributeError, OSError, NotImplementedError):
        yield  # no output, or a system whose loop does not watch pipes: the next event tells
        return
    try:
        yield
    finally:
        loop.remove_reader(output)


async def _until_signalled(work: Coroutine[Any, Any, None]) -> None:
    with _asked_to_end() as asked, _told_of_closed_pipe(asked):
        task = asyncio.ensure_future(work)
        waiting = asyncio.ensure_future(asked.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for other in (task, waiting):
            other.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        with contextlib.suppress(asyncio.CancelledError):
            await task
