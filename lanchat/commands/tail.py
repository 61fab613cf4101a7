"""`tail`."""

import asyncio

import click
import msgspec

from lanchat.client import Lookup, follow, reach
from lanchat.commands.printing import format_event, format_waiting
from lanchat.commands.shutdown import until_signalled
from lanchat.errors import LanchatError, NoSuchRoom, Unauthorised
from lanchat.identity import Crowd, names
from lanchat.protocol import Cursor, RoomInfo, Waiting, Waits, encode

_RECENT = 10
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0


async def tail(search: Lookup, room: str, *, since: int | None, wait: bool, as_json: bool) -> None:
    """Print the events of a room, until SIGTERM or SIGINT, or without `wait` until its top is reached.

    Raises:
        NoSuchRoom: there is no such room now.
        LanchatError: the room refused.
    """
    room = names.room_name(room)
    await until_signalled(_tail(search, room, since, wait=wait, as_json=as_json))


async def _tail(search: Lookup, room: str, since: int | None, *, wait: bool, as_json: bool) -> None:
    cursor = None if since is None else Cursor(since)
    followed = ""
    crowd = Crowd()
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
                waits = await connection.ask(Waiting(room=info.id), Waits)
                if cursor.seq >= info.top:
                    waits = _tell_waiting(waits, info, crowd, as_json=as_json)
                async for event in follow(connection, info.id, cursor, wait=wait):
                    click.echo(encode(event) if as_json else format_event(event, crowd))
                    if cursor.seq >= info.top:
                        waits = _tell_waiting(waits, info, crowd, as_json=as_json)
                if not wait:
                    return
        except LanchatError as error:
            # Where the room was once, its home may come back; where it never was, the name is wrong.
            again = error.retry or (not reached and isinstance(error, NoSuchRoom | Unauthorised))
            if not followed or not wait or not again:
                raise
        await asyncio.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


def _tell_waiting(waits: Waits, info: RoomInfo, crowd: Crowd, *, as_json: bool) -> Waits:
    """Print what waits for the room's home, behind what it has; give what is left to be printed: nothing."""
    for post in waits.posts:
        if as_json:
            told = {"type": "waiting", "room": info.id, "waits_for": info.node.name, **msgspec.to_builtins(post)}
            click.echo(msgspec.json.encode(told))
        elif post.kind == "message":
            click.echo(format_waiting(post, info.node.name, crowd))
    return msgspec.structs.replace(waits, posts=[])
