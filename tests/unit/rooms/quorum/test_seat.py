"""Real nodes in one process decide together who numbers a room."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

from lanchat.config import Config
from lanchat.journal import Draft, Kept, RoomRecord
from lanchat.limits import Limits
from lanchat.protocol import Author, Body, guest_id
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

    def __init__(self, tmp_path: Path, stack: contextlib.AsyncExitStack) -> None:
        self.tmp_path = tmp_path
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

    def at(self, name: str) -> Room:
        return self.servers[name].node.rooms.get(self.room)

    async def join(self, name: str) -> Room:
        server = await self.start(name)
        first = next(iter(self.servers.values()))
        if not self.room:
            self.room = (await server.node.rooms.open("shared")).id
            return self.at(name)
        address = f"127.0.0.1:{port(first)}"
        record = RoomRecord(id=self.room, name="shared", home=first.node.info, addresses=(address,))
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

    async def texts(self, name: str) -> list[str]:
        return [event.body.text for event in await self.servers[name].node.journal.after(self.room, 0, 1000)]

    async def all_have(self, texts: Sequence[str]) -> None:
        for name in self.servers:
            journal = self.servers[name].node.journal
            await eventually(lambda journal=journal: journal.top(self.room) >= len(texts), what=f"{name} has all")  # type: ignore[misc]
            assert await self.texts(name) == list(texts)

    def home(self) -> str:
        return next((name for name in self.servers if self.at(name).kind == "home" and self.at(name).info.online), "")


@asynccontextmanager
async def company(tmp_path: Path, *names: str) -> AsyncIterator[Company]:
    async with contextlib.AsyncExitStack() as stack:
        made = Company(tmp_path, stack)
        for name in names:
            await made.join(name)
        yield made


async def test_whoever_has_everything_votes(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        kept = await nodes.say("a", "one")
        assert kept is not None
        assert kept.event.seq == 1
        await nodes.say("b", "two")
        await nodes.all_have(["one", "two"])


async def test_the_room_goes_on_when_its_home_dies_and_what_it_said_alone_is_said_again(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.kill("a")
        await eventually(lambda: nodes.home() != "", what="another node is home")
        await nodes.say(nodes.home(), "two")
        other = next(name for name in nodes.servers if name != nodes.home())
        await nodes.say(other, "three")
        await nodes.all_have(["one", "two", "three"])
        await nodes.start("a")
        await eventually(lambda: nodes.at("a").kind == "mirror" and nodes.at("a").info.online, what="a follows")
        await nodes.say("a", "four")
        await nodes.all_have(["one", "two", "three", "four"])


async def test_who_leaves_hands_over(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b") as nodes:
        await nodes.voting(2)
        await nodes.say("a", "one")
        await nodes.all_have(["one"])
        await nodes.stop("a")
        await eventually(lambda: nodes.home() == "b", what="b is home")
        await nodes.say("b", "two")
        await nodes.all_have(["one", "two"])
        await asyncio.sleep(0)


async def test_somebody_goes_on_alone_and_the_branches_are_joined_when_they_meet(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b") as nodes:
        await nodes.voting(2)
        await nodes.say("a", "together")
        await nodes.all_have(["together"])
        await nodes.kill("b")
        await nodes.say("a", "a alone")
        await nodes.kill("a")
        await nodes.start("b")
        await nodes.say("b", "b alone")
        assert await nodes.texts("b") == ["together"]
        await nodes.servers["b"].node.rooms.continue_here(nodes.at("b"))
        await nodes.say("b", "b goes on")
        assert await nodes.texts("b") == ["together", "b alone", "b goes on"]
        await nodes.start("a")
        joined = ["together", "b alone", "b goes on", "a alone"]
        await eventually(lambda: nodes.at("a").kind == "mirror" and nodes.at("a").top == 4, what="a has joined")
        await nodes.all_have(joined)
        events = [await nodes.servers[name].node.journal.after(nodes.room, 0, 9) for name in "ab"]
        assert (
            [event.apart for event in events[0]] == [event.apart for event in events[1]] == [False, False, False, True]
        )
        assert [event.nonce for event in events[0]] == [event.nonce for event in events[1]]
        assert events[0][3].at <= events[0][1].at, "it was said before"
        await nodes.voting(2)


async def test_each_node_knows_where_the_others_vote_and_the_home_leaves_out_who_is_silent(tmp_path: Path) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)

        def known(name: str) -> set[tuple[str, str]]:
            seat = nodes.at(name).seat
            return {(other.name, other.address) for other in seat.others} if seat is not None else set()

        there = {name: (name, f"127.0.0.1:{nodes.ports[name]}") for name in "abc"}
        await eventually(lambda: known("a") == {there["b"], there["c"]}, what="the home knows both")
        for name, other in (("b", "c"), ("c", "b")):
            await eventually(lambda n=name, o=other: known(n) == {there["a"], there[o]}, what="each knows the others")  # type: ignore[misc]
        assert nodes.at("b").seat.others[0].name == "a", "the home is heard all the time"  # type: ignore[union-attr]
        await nodes.kill("c")
        await eventually(lambda: known("a") == {there["b"]}, what="the home hears that one is gone")
