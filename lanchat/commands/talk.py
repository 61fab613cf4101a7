"""`rooms`, `send` and `announce`."""

import click
import msgspec

from lanchat import client
from lanchat.client import Lookup, Saying, list_rooms
from lanchat.commands.printing import format_room, visible
from lanchat.config import Config
from lanchat.identity import names


async def rooms(search: Lookup, *, as_json: bool, subnet: bool = False) -> None:
    """Print the rooms on this machine and on the network; `subnet` looks for them at each address of this subnet."""
    found = await list_rooms(search, subnet=subnet)
    twins = names.lookalikes((info.id, info.name) for info in found)
    for info in found:
        click.echo(msgspec.json.encode(info) if as_json else format_room(info, twin=info.id in twins))
    if not found and not as_json:
        click.echo("There is no room here or on the network. Open one with: lanchat", err=True)


async def send(search: Lookup, room: str, text: str, how: Saying, *, as_json: bool) -> None:
    """Send a text to a room, and return once its home has kept it, or this machine where the home does not answer.

    Raises:
        InvalidFrame: there is nothing to send.
        NotArrived: the home has not answered in the time that it was given.
        LanchatError: the room cannot be reached, or refused.
    """
    waits_for = ""
    async for sent in client.send_text(search, room, text, how):
        if as_json:
            waits = {"waits_for": sent.waits_for} if sent.waits_for else {}
            click.echo(msgspec.json.encode({"room": sent.room, "seq": sent.seq, "nonce": sent.nonce, **waits}))
        waits_for = sent.waits_for
    if waits_for and not as_json:
        click.echo(f"kept here, waits for {visible(waits_for)}")


async def announce(config: Config, text: str, *, as_json: bool) -> None:
    """Tell something to everybody on this user's node and in its rooms. Raises LanchatError when that cannot be."""
    text = text.rstrip("\r\n")
    author = await client.announce(config, text)
    if as_json:
        click.echo(msgspec.json.encode({"author": author, "text": text}))
