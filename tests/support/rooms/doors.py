"""Rooms with a door, made and used over real sockets."""

import asyncio
import itertools
from typing import Literal

import msgspec

from lanchat.errors import LanchatError
from lanchat.journal import Draft, Kept
from lanchat.protocol import (
    Author,
    Body,
    Done,
    Enter,
    Error,
    Event,
    Join,
    NodeInfo,
    Passphrase,
    Post,
    RoomInfo,
    Rule,
    write_rule,
)
from lanchat.rooms import Doorway
from lanchat.rooms.door.doorway import now_ms
from tests.support.clients import Client

WORDS = "correct horse battery staple"
"""The passphrase of a room."""
_made = itertools.count()


class Hall:
    """A room whose home numbers rules at once, by a door that the test sees; it may be away, or refuse.

    Args:
        owner: id of the person whose room it is.
        kind: whether its home is here.
    """

    id = "1" * 32

    def __init__(self, owner: str, kind: Literal["home", "mirror"] = "home") -> None:
        self.door = Doorway(owner)
        self.kind = kind
        self.online = True
        self.silent = False
        self.refusal: LanchatError | None = None
        self.now: int | None = None
        self.said: list[Draft] = []

    @property
    def info(self) -> RoomInfo:
        home = NodeInfo(id="f" * 32, name="Desk")
        return RoomInfo(id=self.id, name="hall", node=home, kind=self.kind, members=0, top=0, online=self.online)

    def post(self, draft: Draft) -> "asyncio.Future[Kept | None]":
        done: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        self.said.append(draft)
        if self.refusal is not None:
            self.door.echoes.refused(draft.nonce, self.refusal)
        elif not self.silent:
            at = now_ms() if self.now is None else self.now
            self.door.take(
                Event(
                    room=self.id,
                    seq=self.door.seq + 1,
                    term=1,
                    nonce=draft.nonce,
                    author=draft.author,
                    at=at,
                    kind="rule",
                    body=draft.body,
                )
            )
            self.door.echoes.heard(draft.nonce)
        return done


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
    """Give a room a passphrase, and wait until its owner is told that its door wants it."""
    await owner.ask(Passphrase(room=room, passphrase=words), Done)
    await owner.hear(Event, lambda event: event.kind == "rule" and '"passphrase"' in event.body.text)


async def turned_away(client: Client, room: str) -> str:
    """Try to join a room, and return the code of the refusal."""
    return (await client.ask(Join(room=room), Error)).code


async def enter(client: Client, room: str, **shown: str) -> str:
    """Show a passphrase or an invitation, and return the code of the refusal; empty when it was taken."""
    command = msgspec.structs.replace(Enter(room=room), **shown)
    await client.tell(msgspec.structs.replace(command, ref=999))
    answer = await client.hear(object, lambda reply: getattr(reply, "ref", 0) == 999)
    return answer.code if isinstance(answer, Error) else ""
