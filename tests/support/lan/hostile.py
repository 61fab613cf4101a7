"""A home that means no good: it speaks the protocol of a home, and says whatever a test makes it say."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from lanchat.journal import RoomRecord
from lanchat.protocol import VERSION
from tests.support.certificates import answering_as, certificate_of, certified

ROOM = "5" * 32
"""Id of its one room."""
NODE = certified("evil")

Frame = dict[str, Any]
Say = Callable[[Frame | str], Awaitable[None]]
Trick = Callable[[Say, Frame], Awaitable[None]]
"""What the home does when somebody has joined: it is given how to say something, and the `join`."""


class HostileHome:
    """A home on loopback.

    Attributes:
        trick: what it does for each who joins.
        before: what it says before its welcome.
        commands: every command that came.
        joins: how many have joined.
        port: where it listens.
        claims: the id under which it greets.
    """

    def __init__(self, trick: Trick, before: list[Frame]) -> None:
        self.trick = trick
        self.before = before
        self.commands: list[Frame] = []
        self.joins = 0
        self.port = 0
        self.claims = NODE.id

    @property
    def record(self) -> RoomRecord:
        """The room as a mirror would find it on the network."""
        return RoomRecord(id=ROOM, name="trap", home=NODE, addresses=(f"127.0.0.1:{self.port}",))

    async def follow(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)

        async def say(frame: Frame | str) -> None:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

        try:
            async for message in socket:
                command = json.loads(message.data)
                self.commands.append(command)
                if command["type"] == "hello":
                    for frame in self.before:
                        await say(frame)
                    await say(welcome(self.claims))
                elif command["type"] == "open":
                    await say({"type": "opened", "ref": command["ref"], "room": about(self.claims)})
                elif command["type"] == "rules":
                    await say({"type": "ruled", "ref": command["ref"], "room": ROOM, "events": []})
                elif command["type"] == "join":
                    self.joins += 1
                    await self.trick(say, command)
        except ConnectionError:
            pass
        return socket


@asynccontextmanager
async def hostile_home(trick: Trick, before: list[Frame] | None = None) -> AsyncIterator[HostileHome]:
    """Run a home that does `trick` for everybody who joins, and says `before` before its welcome."""
    home = HostileHome(trick, before or [])
    app = web.Application()
    app.router.add_get("/ws", home.follow)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        tls = answering_as(certificate_of(NODE.id))
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        home.port = runner.addresses[0][1]
        yield home
    finally:
        await runner.cleanup()


def welcome(node: str = NODE.id) -> Frame:
    """How it greets."""
    return {
        "type": "welcome",
        "version": VERSION,
        "node": {"id": node, "name": NODE.name},
        "you": {"id": "7" * 32, "nick": "link"},
        "heartbeat": 10.0,
        "silence": 25.0,
        "max_text": 4000,
    }


def about(node: str = NODE.id) -> Frame:
    """What it says of its room."""
    home = {"id": node, "name": NODE.name}
    return {"id": ROOM, "name": "trap", "node": home, "kind": "home", "members": 1, "top": 0, "online": True}


def event(seq: int = 1, **more: Any) -> Frame:
    """A message of its room as it should be, except for `more`; `author` may be a dict of what is wrong there."""
    author = {"id": "mallory-mallory", "nick": "Mallory"} | more.pop("author", {})
    plain = {
        "type": "event",
        "room": ROOM,
        "seq": seq,
        "term": 1,
        "nonce": f"n{seq}",
        "author": author,
        "at": 1_700_000_000_000,
        "kind": "message",
        "body": {"text": f"text {seq}"},
    }
    return plain | more


def joined(*events: Frame, **more: Any) -> Frame:
    """The answer to a join as it should be, except for `more`."""
    top = max([each["seq"] for each in events], default=0)
    return {"type": "joined", "room": ROOM, "term": 1, "top": top, "events": list(events)} | more
