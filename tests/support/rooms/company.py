"""Real nodes in one process that decide together who numbers a room."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

from lanchat.config import Config
from lanchat.journal import Draft, Kept, RoomRecord
from lanchat.limits import Limits
from lanchat.protocol import Author, Body, Kind, guest_id
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.conditions import eventually

ADA = Author(id=guest_id("ada"), nick="Ada")
EVE = Author(id=guest_id("eve"), nick="Eve")


def config(tmp_path: Path, name: str, port: int = 0) -> Config:
    return Config(
        bind="127.0.0.1",
        port=port,
        window_port=0,
        data_dir=tmp_path / name,
        name=name,
        nick=name.title(),
        limits=Limits(vote_after=0.001, vote_after_silence=0.001),
    )


def port(server: Server) -> int:
    return int(server.lan_url.rstrip("/").rpartition(":")[2])


class Company:
    """Nodes of one room, which the first of them has opened."""

    def __init__(self, tmp_path: Path, stack: contextlib.AsyncExitStack, called: str = "shared") -> None:
        self.tmp_path = tmp_path
        self.called = called
        self.stack = stack
        self.room = ""
        self.servers: dict[str, Server] = {}
        self.ports: dict[str, int] = {}
        self._ends: dict[str, contextlib.AsyncExitStack] = {}

    async def start(self, name: str) -> Server:
        end = contextlib.AsyncExitStack()
        server = await end.enter_async_context(serving(config(self.tmp_path, name, self.ports.get(name, 0))))
        self.ports[name] = port(server)
        self._ends[name] = end
        self.servers[name] = server
        self.stack.push_async_callback(end.aclose)
        return server

    async def stop(self, name: str) -> None:
        """End a node as its person does."""
        del self.servers[name]
        await self._ends.pop(name).aclose()

    async def kill(self, name: str) -> None:
        """End a node without a word: nothing is handed over."""

        async def nothing(*_: object) -> None:
            return

        with patch("lanchat.node.hand_over", nothing):
            await self.stop(name)

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self.ports[name]}"

    def at(self, name: str) -> Room:
        return self.servers[name].node.rooms.get(self.room)

    async def join(self, name: str) -> Room:
        server = await self.start(name)
        first = next(iter(self.servers.values()))
        if not self.room:
            self.room = (await server.node.rooms.open(self.called)).id
            return self.at(name)
        address = f"127.0.0.1:{port(first)}"
        record = RoomRecord(id=self.room, name=self.called, home=first.node.info, addresses=(address,))
        with patch.object(server.node.network, "find", lambda **_: record):
            return await server.node.rooms.enter(self.room)

    async def voting(self, count: int) -> None:
        """Wait until so many nodes vote, and all who are here know that."""

        def settled() -> bool:
            voters = [seat.voter for name in self.servers if (seat := self.at(name).seat) is not None]
            decided = [voter.ledger.configuration for voter in voters if voter is not None]
            return len(decided) == len(self.servers) and all(
                len(each.members) == count and each.joint is None for each in decided
            )

        await eventually(settled, what=f"{count} nodes vote")

    async def say(self, name: str, text: str) -> Kept | None:
        server, room = self.servers[name], self.at(name)
        said = server.node.owner.seal.said(Draft(self.room, secrets.token_hex(8), ADA, Body(text=text)))
        return await room.post(said)

    async def change(self, name: str, target: str, kind: Kind) -> Kept | None:
        """Say something about a message, as who is a guest on each node."""
        server, room = self.servers[name], self.at(name)
        body = {
            "edit": Body(text="edited", target=target),
            "reaction": Body(target=target, emoji="👍"),
            "deletion": Body(target=target),
        }[kind]
        said = server.node.owner.seal.said(Draft(self.room, secrets.token_hex(8), ADA, body, kind))
        return await room.post(said)

    async def texts(self, name: str) -> list[str]:
        return [event.body.text for event in await self.servers[name].node.journal.after(self.room, 0, 1000)]

    async def all_have(self, texts: Sequence[str]) -> None:
        for name in self.servers:
            journal = self.servers[name].node.journal
            await eventually(lambda journal=journal: journal.top(self.room) >= len(texts), what=f"{name} has all")  # type: ignore[misc]
            assert await self.texts(name) == list(texts)

    async def fill(self, name: str) -> None:
        """Let the disk of a node have no room for one page more."""
        writer = self.servers[name].node.journal._writer
        await writer.write(lambda transaction: transaction.connection.pragma("max_page_count", 1))

    async def free(self, name: str) -> None:
        """Let the disk of a node have room again."""
        writer = self.servers[name].node.journal._writer
        await writer.write(lambda transaction: transaction.connection.pragma("max_page_count", 1_000_000))

    def home(self) -> str:
        return next((name for name in self.servers if self.at(name).kind == "home" and self.at(name).info.online), "")


@asynccontextmanager
async def company(tmp_path: Path, *names: str, called: str = "shared") -> AsyncIterator[Company]:
    async with contextlib.AsyncExitStack() as stack:
        made = Company(tmp_path, stack, called)
        for name in names:
            await made.join(name)
        yield made
