"""`forget` and `unite`: what becomes of a room."""

import click
import msgspec

from lanchat import client, runtime
from lanchat.config import Config


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
