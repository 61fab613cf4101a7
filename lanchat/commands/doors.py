"""`room`, `invite` and `moderate`: the door of a room, through the node of this user."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import click
import msgspec

from lanchat import client, runtime
from lanchat.commands.printing import visible
from lanchat.config import Config
from lanchat.errors import NoSuchRoom
from lanchat.identity import names
from lanchat.lan.connection import Connection
from lanchat.protocol import (
    Author,
    Done,
    Issue,
    Issued,
    Join,
    Joined,
    Open,
    Opened,
    Passphrase,
    PolicyNotice,
    Post,
    Presence,
    Revoke,
    RoomInfo,
    Rule,
    write_rule,
)

_LOOKED_THROUGH = 200
"""Newest events in which somebody is looked for who is not in the room now."""
_SHOWN = {"name": names.room_name, "topic": names.topic}
"""What makes of a text the form in which it is kept."""


class _Inside(msgspec.Struct):
    """A room that was joined: how it stands, what holds there, and who is or was in it."""

    connection: Connection
    info: RoomInfo
    policy: PolicyNotice
    people: dict[str, Author]


async def room(config: Config, name: str, rules: Sequence[Rule], passphrase: str, *, as_json: bool) -> None:
    """Change what holds in a room, and print what holds then.

    Args:
        config: `data_dir` names the node.
        name: of the room.
        rules: the changes, in their order.
        passphrase: the one that the door wants from now on; empty when it is not changed.
        as_json: whether to print JSON.

    Raises:
        LanchatError: the node does not run, or refuses.
    """
    async with _inside(config, Open(name=name, create=False)) as here:
        if passphrase:
            await here.connection.ask(Passphrase(room=here.info.id, passphrase=passphrase), Done)
        for rule in rules:
            await _order(here, msgspec.structs.replace(rule, text=_SHOWN.get(rule.change, str)(rule.text)))
    async with _inside(config, Open(room=here.info.id, create=False)) as here:
        click.echo(msgspec.json.encode(here.policy) if as_json else _format(here))


async def delete(config: Config, name: str, *, as_json: bool) -> None:
    """Delete a room for everybody who has it. Raises NotModerator: it is not theirs; LanchatError as `room`."""
    async with _inside(config, Open(name=name, create=False)) as here:
        await _order(here, Rule(change="delete"))
    said = f"{visible(name)} is deleted for everybody."
    click.echo(msgspec.json.encode({"deleted": here.info.id}) if as_json else said)


async def invite(config: Config, name: str, *, single: bool, seconds: int, revoke: str, as_json: bool) -> None:
    """Make an invitation into a room and print it, or take one back. Raises LanchatError as `room`."""
    async with _inside(config, Open(name=name, create=False)) as here:
        if revoke:
            await here.connection.ask(Revoke(room=here.info.id, ticket=revoke), Done)
            return
        issued = await here.connection.ask(Issue(room=here.info.id, single=single, seconds=seconds), Issued)
    if as_json:
        click.echo(msgspec.json.encode(issued))
        return
    until = datetime.fromtimestamp(issued.ticket.until / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    click.echo(issued.link)
    click.echo("\n".join(qr_lines(issued.qr)))
    click.echo(f"{'One person comes' if single else 'Everybody comes'} in with this until {until}.", err=True)


async def moderate(config: Config, name: str, rule: Rule, person: str) -> None:
    """Make a rule about somebody. Raises NoSuchRoom: nobody is called so; LanchatError as `room`."""
    async with _inside(config, Open(name=name, create=False)) as here:
        await _order(here, msgspec.structs.replace(rule, person=_find(here, person)))


def qr_lines(rows: Sequence[str]) -> list[str]:
    """Return a QR code as lines for a terminal: two rows in a line, light on dark as most terminals are."""
    width = len(rows[0]) + 4 if rows else 0
    padded = ["0" * width, "0" * width, *(f"00{row}00" for row in rows), "0" * width, "0" * width]
    pairs = zip(padded[::2], [*padded[1::2], "0" * width], strict=False)
    return ["".join("█▀▄ "[2 * int(up) + int(down)] for up, down in zip(*pair, strict=True)) for pair in pairs]


@contextlib.asynccontextmanager
async def _inside(config: Config, wanted: Open) -> AsyncIterator[_Inside]:
    async with client.at_window(runtime.running(config.data_dir)) as connection:
        info = (await connection.ask(wanted, Opened)).room
        joined = await connection.ask(Join(room=info.id, limit=_LOOKED_THROUGH), Joined)
        people = {event.author.id: event.author for event in joined.events}
        async for reply in connection:
            if isinstance(reply, PolicyNotice) and reply.room == info.id:
                policy = reply
            elif isinstance(reply, Presence) and reply.room == info.id:
                people |= {member.id: member for member in reply.members}
                if any(member.id == connection.welcome.you.id for member in reply.members):
                    break  # what is said of ourselves comes after what is said of others
        yield _Inside(connection, info, policy, people)


async def _order(here: _Inside, rule: Rule) -> None:
    post = Post(room=here.info.id, nonce=secrets.token_hex(16), kind="rule", text=write_rule(rule))
    await here.connection.say(post)


def _find(here: _Inside, person: str) -> str:
    """Return the id of a person of that id or name; an id that is banned or muted need not be here."""
    policy = here.policy
    if person in here.people or person in {*policy.moderators, *policy.muted, *policy.banned}:
        return person
    found = [author.id for author in here.people.values() if author.nick.casefold() == person.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise NoSuchRoom(f"Several people are called {person!r}; give the id of one of them: {', '.join(found)}.")
    raise NoSuchRoom(f"Nobody called {person!r} is in this room, or has said something lately.")


def _format(here: _Inside) -> str:
    policy = here.policy
    lines = [
        f"name         {here.info.name}",
        *([f"topic        {policy.topic}"] if policy.topic else []),
        f"door         {policy.door}",
        f"listed       {'yes' if policy.listed else 'no'}",
        f"guests       {policy.guests}",
        f"slow         {policy.slow} s" if policy.slow else "slow         no",
        f"continues    after {policy.continues} s" if policy.continues else "continues    by hand",
        f"locked       {'yes' if policy.locked else 'no'}",
        f"owner        {policy.owner or 'not known'}",
    ]
    for what, people in (("moderator", policy.moderators), ("muted", policy.muted), ("banned", policy.banned)):
        lines += [f"{what:<12} {person}" for person in people]
    return "\n".join(map(visible, lines))
