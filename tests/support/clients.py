"""Nodes that find nobody, and clients that speak the protocol by hand: what they send need not be right."""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import aiohttp
import msgspec

from lanchat.config import Config
from lanchat.identity import Seal, fresh_nonce, prove
from lanchat.lan.connection import dialling_context
from lanchat.lan.discovery.discovery import Discovery
from lanchat.protocol import (
    VERSION,
    Answer,
    Author,
    Challenge,
    Command,
    Error,
    Event,
    Hello,
    Join,
    Joined,
    NodeInfo,
    Open,
    Opened,
    Post,
    Presence,
    Prove,
    Receipts,
    Reply,
    RoomInfo,
    Welcome,
)
from lanchat.protocol.codec import decode_reply, encode
from lanchat.runtime import Running
from lanchat.web.server import Server, serve
from tests.support.certificates import certificate_of, certified
from tests.support.identity import OTHER_SEAL

N = TypeVar("N")
A = TypeVar("A", bound=Answer)

PATIENCE = 60.0
ELSEWHERE = certified("elsewhere")
"""Another node, for which a link speaks."""


@asynccontextmanager
async def serving(config: Config) -> AsyncIterator[Server]:
    """Run a node that neither looks around nor is found, whatever else runs on this machine."""
    with patch.object(Discovery, "start", stay_alone):
        server = serve(config)
        node = await server.__aenter__()
    try:
        yield node
    finally:
        await server.__aexit__(None, None, None)


def running(data_dir: Path) -> Running:
    """What the runtime file of a node says."""
    return msgspec.json.decode((data_dir / "node.json").read_bytes(), type=Running)


class Client:
    """One connection, and what was heard on it.

    Attributes:
        passed: what came and nobody has asked for yet.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.welcome: Welcome
        self.passed: deque[Reply] = deque()
        self._refs = itertools.count(1)

    @property
    def me(self) -> Author:
        return self.welcome.you

    async def tell(self, command: Command | str | bytes) -> None:
        """Send a command, or any text or bytes."""
        if isinstance(command, bytes):
            await self.socket.send_bytes(command)
        else:
            await self.socket.send_str(command if isinstance(command, str) else encode(command).decode())

    async def hear(self, kind: type[N], which: Callable[[N], bool] = lambda _: True) -> N:
        """Return the next notice of this kind, and keep the others for later."""
        for notice in self.passed:
            if isinstance(notice, kind) and which(notice):
                self.passed.remove(notice)
                return notice
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, f"the node sent {message}, not a {kind.__name__}"
                notice = decode_reply(message.data)
                if isinstance(notice, kind) and which(notice):
                    return notice
                self.passed.append(notice)

    async def ask(self, command: Command | str | bytes, answer: type[A]) -> A:
        """Send, and give the answer: that of the ref which a command is given, if it has none yet."""
        if isinstance(command, str | bytes):
            await self.tell(command)
            return await self.hear(answer)
        ref = command.ref or next(self._refs)
        await self.tell(msgspec.structs.replace(command, ref=ref))
        heard = await self.hear(object, lambda reply: getattr(reply, "ref", 0) == ref)
        assert isinstance(heard, answer), f"the node answered {command} with {heard}"
        return heard

    async def open(self, name: str) -> RoomInfo:
        return (await self.ask(Open(name=name), Opened)).room

    async def join(self, room: str, since: int = 0, limit: int = 50) -> Joined:
        return await self.ask(Join(room=room, since=since, limit=limit), Joined)

    async def enter(self, name: str) -> str:
        """Open a room by its name, join it, and give its id."""
        room = (await self.open(name)).id
        await self.join(room)
        return room

    async def say(self, room: str, text: str, nonce: str = "") -> None:
        await self.tell(Post(room=room, nonce=nonce or f"nonce of {text}"[:64], text=text))

    async def said(self, room: str, count: int) -> list[Event]:
        """Return the next events of a room as they come in."""
        return [await self.hear(Event, lambda event: event.room == room) for _ in range(count)]

    async def heard_nothing(self, kind: type[Any], room: str) -> None:
        """Check that no such notice came, by the answer to a question that is asked now."""
        await self.settled(room)
        assert [notice for notice in self.passed if isinstance(notice, kind)] == []

    async def settled(self, room: str) -> None:
        """Have everything that came before the answer to a question that is asked now."""
        info = (await self.ask(Open(room=room), Opened)).room
        assert info.id == room

    async def end(self) -> int | None:
        """Wait until the node closes the connection, and give the code."""
        async with asyncio.timeout(PATIENCE):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code


def nicks(presence: Presence) -> list[str]:
    """Return how those are called whom a node sees, in order."""
    return sorted(member.nick for member in presence.members)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """A client that has said nothing yet."""
    tls = dialling_context() if url.startswith("https") else True
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}ws", max_msg_size=0, ssl=tls) as socket:
        yield Client(socket)


@asynccontextmanager
async def guest(server: Server, nick: str = "Guest", secret: str = "", url: str = "") -> AsyncIterator[Client]:
    """Somebody in a plain browser."""
    async with connected(url or server.lan_url) as client:
        hello = Hello(version=VERSION, client="guest", nick=nick, secret=secret)
        client.welcome = await client.ask(hello, Welcome)
        yield client


@asynccontextmanager
async def script(server: Server, nick: str = "Script") -> AsyncIterator[Client]:
    """A program on the network, which is nobody's window and in no list of people."""
    async with connected(server.lan_url) as client:
        client.welcome = await client.ask(Hello(version=VERSION, client="script", nick=nick), Welcome)
        yield client


class LinkEnd(Client):
    """The end of a link by hand, at the node of its mirror. A link opens no room: the one that it is for is there."""

    server: Server

    async def open(self, name: str) -> RoomInfo:
        return (await self.server.node.rooms.open(name)).info

    async def settled(self, room: str) -> None:
        await self.ask(Receipts(room=room, node=self.server.node.info), Error)


@asynccontextmanager
async def link(server: Server, node: NodeInfo, name: str = "hall", seal: Seal = OTHER_SEAL) -> AsyncIterator[LinkEnd]:
    """Another node, by hand.

    Args:
        server: the home.
        node: made by `certified`.
        name: of the room that the link is for, which the home opens.
        seal: of the person of that node.
    """
    room = (await server.node.rooms.open(name)).id
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.secure_url}ws", max_msg_size=0, ssl=dialling_context()) as socket,
    ):
        client, ours = LinkEnd(socket), fresh_nonce()
        client.server = server
        vow = seal.vow(node.id)
        await client.tell(
            Hello(version=VERSION, client="link", node=node, owner=seal.id, owner_signature=vow, room=room, nonce=ours)
        )
        theirs = (await client.hear(Challenge)).nonce
        fingerprint = server.node.keyring.node.fingerprint
        der, signature = prove(certificate_of(node.id), fingerprint, room, (ours, theirs))
        await client.tell(Prove(certificate=der, signature=signature))
        client.welcome = await client.hear(Welcome)
        yield client


@asynccontextmanager
async def window(server: Server) -> AsyncIterator[Client]:
    """A window of the owner, let in by the way of the desktop: a one-time token, swapped for a bearer."""
    once = server.new_window_url().partition("#t=")[2]
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.window_url}token", data=json.dumps({"token": once})) as answer,
    ):
        token = (await answer.json())["bearer"]
    async with connected(server.window_url) as client:
        client.welcome = await client.ask(Hello(version=VERSION, client="window", token=token), Welcome)
        yield client


async def stay_alone(discovery: Discovery, port: int) -> None:
    """In place of `Discovery.start`."""
