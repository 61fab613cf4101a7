"""`forget`, `unite` and `rooms move`: what becomes of a room."""

import click
import msgspec

from lanchat import client, runtime
from lanchat.commands.progress import progress_line
from lanchat.config import HERE, Config, redis_place


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
        click.echo(f"{room} is one room with that of {home}; what was said here comes behind what was said there.")


async def move(config: Config, room: str, to: str, *, as_json: bool) -> None:
    """Have the node of this user move a room into its Redis, or out of it.

    Name and password of a Redis stay here: the node has its own.

    Raises:
        InvalidSetting: it is no URL of a Redis.
        Unreachable: no node of this user runs on this machine.
        LanchatError: the node has no such room, or does not move it there.
    """
    place = to if to == HERE else redis_place(to)
    with progress_line(as_json=as_json) as line:
        async with client.at_window(runtime.running(config.data_dir)) as connection:
            text = await client.move_room(connection, room, place, lambda job: line.show("moving", job.done, job.total))
    click.echo(msgspec.json.encode({"event": "done", "text": text}) if as_json else text)
