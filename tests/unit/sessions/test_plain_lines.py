"""The tutorial's room chat at a real node: plain lines in and out, and windows beside them."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lanchat.config import Config
from lanchat.consumers.outbox import text_frame
from lanchat.protocol import Author, Body, Event, Kind
from lanchat.protocol.codec import encode
from lanchat.sessions import plain_lines
from lanchat.sessions.hub import Run
from lanchat.sessions.plain_lines import lines as rendered
from lanchat.web.server import Server
from tests.support.clients import guest, serving, window
from tests.support.conditions import eventually


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


def plain(server: Server, name: str) -> connect:
    """Connect to a room as any WebSocket client would."""
    return connect(f"{server.lan_url}ws/room/{quote(name, safe='')}".replace("http", "ws"))


async def lines(client: ClientConnection, count: int) -> list[str | bytes]:
    async with asyncio.timeout(60):
        return [await client.recv() for _ in range(count)]


async def test_the_lines_are_those_of_the_tutorial(server: Server) -> None:
    async with plain(server, "general") as ada:
        assert await ada.recv() == "🚪 Someone joined room 'general'"
        async with plain(server, "general") as bob:
            assert await lines(ada, 1) == await lines(bob, 1) == ["🚪 Someone joined room 'general'"]
            await ada.send("hello")
            assert await lines(ada, 1) == await lines(bob, 1) == ["💬 hello"]
            await bob.send("hi")
            assert await lines(ada, 1) == await lines(bob, 1) == ["💬 hi"]
        assert await lines(ada, 1) == ["👋 Someone left room 'general'"]


@pytest.mark.parametrize(
    "name",
    ["general", "two words", "Küche", "部屋", "a/b", "100%", "🍲 soup", "x" * 40, "?#&", "غرفة", "नमस्ते", "👩\u200d💻"],
)
async def test_a_room_of_any_name_is_made_on_demand(server: Server, name: str) -> None:
    async with plain(server, name) as client:
        assert await client.recv() == f"🚪 Someone joined room '{name}'"
        await client.send("here")
        assert await client.recv() == "💬 here"
    room = server.node.rooms.here(name)
    assert room is not None
    assert room.top == 1


async def test_a_name_that_differs_in_form_only_is_the_same_room(server: Server) -> None:
    async with plain(server, "Caf\u00e9") as one, plain(server, "Cafe\u0301") as two:
        assert await lines(one, 2) == ["🚪 Someone joined room 'Caf\u00e9'"] * 2
        assert await lines(two, 1) == ["🚪 Someone joined room 'Caf\u00e9'"]


async def test_rooms_are_separate_and_names_case_sensitive(server: Server) -> None:
    async with plain(server, "tea") as lower, plain(server, "Tea") as upper:
        await lower.send("in tea")
        await upper.send("in Tea")
        assert await lines(lower, 2) == ["🚪 Someone joined room 'tea'", "💬 in tea"]
        assert await lines(upper, 2) == ["🚪 Someone joined room 'Tea'", "💬 in Tea"]
    assert len(server.node.rooms) == 2


@pytest.mark.parametrize(
    ("name", "said"), [("   ", "is empty"), ("x" * 41, "41 characters"), ("a\u202eb", "invisible"), ("\x00", "control")]
)
async def test_a_name_that_no_room_may_have_is_refused_with_a_sentence(server: Server, name: str, said: str) -> None:
    async with plain(server, name) as client:
        line = await client.recv()
        assert isinstance(line, str)
        assert line.startswith("⚠️ ")
        assert said in line
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4003, "invalid_room_name")
    assert len(server.node.rooms) == 0


async def test_an_empty_name_is_no_route(server: Server) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with plain(server, ""):
            pass
    assert caught.value.response.status_code == 404


async def test_a_line_that_cannot_be_kept_is_answered_with_the_reason(server: Server) -> None:
    async with plain(server, "strict") as client:
        await client.recv()
        for line, said in (("", "empty"), (" \n", "empty"), ("x" * 4001, "4001 characters"), (b"bytes", "send text")):
            await client.send(line)
            answer = await client.recv()
            assert isinstance(answer, str)
            assert answer.startswith("⚠️ ")
            assert said in answer
        await client.send("x" * 4000)
        assert await client.recv() == "💬 " + "x" * 4000


async def test_windows_and_plain_clients_see_each_other(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada") as ada, plain(server, "mixed") as client:
        room = await win.enter("mixed")
        await ada.enter("mixed")
        await client.send("from the tutorial")
        for who in (win, ada):
            (event,) = await who.said(room, 1)
            assert (event.body.text, event.author.nick, event.seq) == ("from the tutorial", "Someone", 1)
        await ada.say(room, "from a browser")
        await win.say(room, "from\na window")
        heard = await lines(client, 4)
        assert heard[:2] == ["🚪 Someone joined room 'mixed'", "💬 from the tutorial"]
        assert set(heard[2:]) == {"💬 from a browser", "💬 from\na window"}
        assert len(server.node.rooms.get(room).presence) == 3
    await eventually(lambda: len(server.node.rooms.get(room).presence) == 0)


async def test_many_lines_arrive_in_one_order_at_all(server: Server) -> None:
    async with plain(server, "busy") as one, plain(server, "busy") as two:
        await lines(one, 2)
        await lines(two, 1)
        for number in range(50):
            await one.send(f"a{number}")
            await two.send(f"b{number}")
        heard = await lines(one, 100)
        assert heard == await lines(two, 100)
        assert [line for line in map(str, heard) if "a" in line] == [f"💬 a{number}" for number in range(50)]


async def test_who_came_later_sees_only_what_is_said_from_then_on(server: Server) -> None:
    async with plain(server, "later") as ada:
        await ada.send("before")
        await lines(ada, 2)
        async with plain(server, "later") as bob:
            await lines(bob, 1)
            await ada.send("after")
            assert await bob.recv() == "💬 after"


async def test_a_killed_connection_is_a_leave(server: Server) -> None:
    async with plain(server, "killed") as ada, plain(server, "killed") as bob:
        await lines(ada, 2)
        bob.transport.abort()
        assert await lines(ada, 1) == ["👋 Someone left room 'killed'"]


def _frame(seq: int, text: str, kind: Kind = "message") -> bytes:
    author = Author(id="ada-ada-ada", nick="Ada")
    body = Body(text=text)
    return encode(Event(room="r", seq=seq, term=1, nonce=f"n{seq}", author=author, at=1, kind=kind, body=body))


def test_only_what_was_said_has_a_line() -> None:
    frames = [_frame(1, "one"), _frame(2, "two", "edit"), _frame(3, "", "deletion"), _frame(4, "three")]
    assert rendered(Run(1, frames)) == text_frame("💬 one".encode()) + text_frame("💬 three".encode())
    assert rendered(Run(1, frames[1:3])) == b""


async def test_a_run_is_rendered_once_for_all_who_read_lines(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Run] = []

    def counted(run: Run) -> bytes:
        runs.append(run)
        return rendered(run)

    monkeypatch.setattr(plain_lines, "lines", counted)
    async with plain(server, "many") as one, plain(server, "many") as two, plain(server, "many") as three:
        await three.recv()
        await one.send("hello")
        for client in (one, two, three):
            while await client.recv() != "💬 hello":
                pass
    assert len(runs) == 1
