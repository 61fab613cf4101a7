"""Rooms with a door, made and used over real sockets."""

import itertools

import msgspec

from lanchat.protocol import Author, Body, Done, Enter, Error, Event, Join, Passphrase, Post, Rule, write_rule
from tests.support.clients import Client

WORDS = "correct horse battery staple"
"""The passphrase of a room."""
_made = itertools.count()


def said(rule: Rule, seq: int = 1, author: str = "", *, at: int = 0, room: str = "r1") -> Event:
    """A rule as an event of a room."""
    body = Body(text=write_rule(rule))
    return Event(
        room=room,
        seq=seq,
        term=1,
        nonce=f"rule {seq}",
        author=Author(id=author, nick="x"),
        at=at,
        kind="rule",
        body=body,
    )


async def order(client: Client, room: str, rule: Rule) -> Event:
    """Say a rule in a room that the client has joined, and wait until it holds."""
    nonce = f"rule {next(_made)}"
    await client.tell(Post(room=room, nonce=nonce, kind="rule", text=write_rule(rule)))
    return await client.hear(Event, lambda event: event.nonce == nonce)


async def refused(client: Client, room: str, rule: Rule) -> str:
    """Say a rule that is refused, and return the code."""
    post = Post(room=room, nonce=f"rule {next(_made)}", kind="rule", text=write_rule(rule))
    return (await client.ask(post, Error)).code


async def lock_with_passphrase(owner: Client, room: str, words: str = WORDS) -> None:
    """Give a room a passphrase."""
    await owner.ask(Passphrase(room=room, passphrase=words), Done)
    await order(owner, room, Rule(change="door", door="passphrase"))


async def turned_away(client: Client, room: str) -> str:
    """Try to join a room, and return the code of the refusal."""
    return (await client.ask(Join(room=room), Error)).code


async def enter(client: Client, room: str, **shown: str) -> str:
    """Show a passphrase or an invitation, and return the code of the refusal; empty when it was taken."""
    command = msgspec.structs.replace(Enter(room=room), **shown)
    await client.tell(msgspec.structs.replace(command, ref=999))
    answer = await client.hear(object, lambda reply: getattr(reply, "ref", 0) == 999)
    return answer.code if isinstance(answer, Error) else ""
