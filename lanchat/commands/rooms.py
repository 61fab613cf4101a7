"""`forget`, `unite` and `rooms move`: what becomes of a room."""

import asyncio
from collections.abc import Sequence

import click
import msgspec

from lanchat import client, runtime
from lanchat.commands.progress import progress_line
from lanchat.config import HERE, Config, redis_place
from lanchat.protocol import JobStatus


async def forget(config: Config, room: str, *, as_json: bool) -> None:
    """Have the node of this user delete a room and everything said in it.

    Raises:
        Unreachable: no node of this user runs on this machine.
        LanchatError: the node has no such room, or could not delete it.
    """
    async with client.at_window(runtime.running(config.data_dir)) as connection:
        await client.forget_room(connection, room)
    if as_json:
        click.echo(msgspec.json.encode({"forgotten": room}))
    else:
        click.echo(f"{room} is deleted from this machine. Other machines keep their copies.")


async def unite(config: Config, room: str, *, as_json: bool) -> None:
    """Have the node of this user join its room of a name with the one of another machine.

    Raises:
        Unreachable: no node of this user runs on this machine.
        LanchatError: there are no two such rooms, or they cannot become one.
    """
    async with client.at_window(runtime.running(config.data_dir)) as connection:
        home = await client.unite_room(connection, room)
    if as_json:
        click.echo(msgspec.json.encode({"united": room, "home": home}))
    else:
        click.echo(f"{room} is one room with that of {home}; what was said in it comes behind what was said there.")


async def move(config: Config, room: str, to: str, *, as_json: bool) -> None:
    """Have the node of this user move a room into its Redis, or out of it.

    Name and password of a Redis stay here: the node has its own. Whoever interrupts it is told where the room is.

    Raises:
        InvalidSetting: it is no URL of a Redis.
        Unreachable: no node of this user runs on this machine.
        LanchatError: the node has no such room, or does not move it there.
    """
    place = to if to == HERE else redis_place(to)
    said: list[JobStatus] = []
    try:
        with progress_line(as_json=as_json) as line:

            def show(job: JobStatus) -> None:
                said[:] = [job]
                line.show("moving", job.done, job.total)

            async with client.at_window(runtime.running(config.data_dir)) as connection:
                text = await client.move_room(connection, room, place, show)
    except asyncio.CancelledError:
        where = _where(room, said)
        told = msgspec.json.encode({"event": "interrupted", "text": where}) if as_json else f"lanchat: {where}"
        click.echo(told, err=True)
        raise
    click.echo(msgspec.json.encode({"event": "done", "text": text}) if as_json else text)


def _where(room: str, said: Sequence[JobStatus]) -> str:
    """Return where a room is whose move was interrupted, as far as its node has said that."""
    match said:
        case [JobStatus(state="waiting" | "running")]:
            return f"The Lanchat of this machine goes on with moving {room}; lanchat rooms says where it is."
        case [JobStatus(text=text)] if text:
            return text
        case _:
            return f"{room} stays where it was."
