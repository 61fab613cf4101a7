"""A connection to a node: commands and their answers."""

import asyncio
from collections.abc import AsyncIterator
from unittest.mock import AsyncMock

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.errors import (
    InvalidFrame,
    InvalidNick,
    NoSuchMessage,
    NoSuchRoom,
    Unreachable,
)
from lanchat.lan.connection import connection as connection_module
from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import dial
from lanchat.protocol import (
    SILENCE,
    VERSION,
    Answer,
    Error,
    Event,
    Hello,
    History,
    Join,
    Joined,
    Memberships,
    Open,
    Opened,
    Page,
    Post,
    Presence,
    Rename,
    Reply,
    RoomList,
    You,
    encode,
)
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.clock import Clock

HELLO = Hello(version=VERSION, client="guest", nick="Ada")


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_a_node_says_welcome_and_answers(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        assert connection.welcome.node == server.node.info
        assert connection.url == server.lan_url
        room = (await connection.ask(Open(name="dialled"), Opened)).room
        assert (await connection.ask(Join(room=room.id), Joined)).top == 0
        await connection.send(Post(room=room.id, nonce="n", text="hello"))
        async for notice in connection:
            if isinstance(notice, Event):
                assert notice.body.text == "hello"
                break


async def test_what_comes_before_an_answer_is_kept_in_order(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        room = (await connection.ask(Open(name="dialled"), Opened)).room
        await connection.ask(Join(room=room.id), Joined)
        for number in range(5):
            await connection.send(Post(room=room.id, nonce=f"{number}", text=f"{number}"))
        await connection.ask(Rename(nick="Bob"), You)
        seqs: list[int] = []
        kinds: list[type[Reply]] = []
        async for notice in connection:
            kinds.append(type(notice))
            if isinstance(notice, Event):
                seqs.append(notice.seq)
            if len(seqs) == 5:
                break
        assert seqs == [1, 2, 3, 4, 5]
        assert kinds[:2] == [Memberships, RoomList]
        assert Presence in kinds


async def test_an_error_that_a_node_names_is_raised_as_what_it_is(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        with pytest.raises(NoSuchRoom):
            await connection.ask(Join(room="nowhere"), Joined)
        with pytest.raises(InvalidNick, match="the most is 24"):
            await connection.ask(Rename(nick="x" * 25), You)
        await connection.ask(Rename(nick="Bob"), You)


async def test_answers_are_known_by_their_ref_whatever_else_comes(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        room = (await connection.ask(Open(name="dialled"), Opened)).room.id
        await connection.ask(Join(room=room), Joined)
        first = await connection.submit(History(room="nowhere", after=0))
        second = await connection.submit(History(room=room, after=0))
        assert first != second
        # Errors and pages of other questions are not the answer to this one.
        with pytest.raises(NoSuchRoom):
            await connection.ask(History(room="elsewhere", after=0), Page)
        page = await connection.ask(History(room=room, before=1), Page)
        assert page.ref not in {first, second}
        refs: dict[int, type[Reply]] = {}
        async for reply in connection:
            if isinstance(reply, Answer) and reply.ref:
                refs[reply.ref] = type(reply)
            if len(refs) == 2:
                break
        assert refs == {first: Error, second: Page}


async def test_an_answer_of_another_kind_is_told(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        room = (await connection.ask(Open(name="dialled"), Opened)).room.id
        with pytest.raises(InvalidFrame, match="StartOver instead of Joined"):
            await connection.ask(Join(room=room, since=9), Joined)


async def test_a_post_is_known_by_its_nonce(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as one, dial(server.lan_url, HELLO) as two:
        room = (await one.ask(Open(name="dialled"), Opened)).room.id
        for connection in (one, two):
            await connection.ask(Join(room=room), Joined)
        await two.say(Post(room=room, nonce="other", text="other"))
        assert (await one.say(Post(room=room, nonce="mine", text="mine"))).body.text == "mine"
        with pytest.raises(NoSuchMessage):
            await one.say(Post(room=room, nonce="late", kind="deletion", target="nowhere"))
        async for reply in one:
            if isinstance(reply, Event):
                assert reply.nonce == "other"
                break


async def test_a_silent_node_counts_as_gone(server: Server, clock: Clock) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        assert [type(await anext(connection)) for _ in range(2)] == [Memberships, RoomList]
        silence = asyncio.ensure_future(anext(connection, None))
        await asyncio.sleep(0)
        clock.advance(SILENCE)
        assert await asyncio.wait_for(silence, 60) is None


async def test_the_end_of_the_connection_ends_the_iteration_and_later_sending(config: Config) -> None:
    async with serving(config) as server:
        at, ended = server.lan_url, asyncio.Event()

        async def stay() -> None:
            async with dial(at, HELLO) as connection:
                ended.set()
                async for _ in connection:
                    pass
                with pytest.raises(Unreachable, match="ended"):
                    await connection.send(Open(name="x"))

        staying = asyncio.create_task(stay())
        await ended.wait()
    await asyncio.wait_for(staying, 60)


def loose(*said: Reply) -> Connection:
    """A connection on which those frames wait."""
    messages = [aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, encode(reply).decode(), None) for reply in said]
    socket = AsyncMock()
    socket.receive.side_effect = [*messages, aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None)]
    return Connection(socket, "http://192.0.2.1:1/")


async def test_nothing_comes_before_the_welcome() -> None:
    with pytest.raises(InvalidFrame, match="RoomList before its welcome"):
        await loose(RoomList(rooms=[])).greet(HELLO)


@pytest.mark.parametrize(("bound", "most"), [("MOST_PASSED", 9), ("MOST_PASSED_BYTES", 200)])
async def test_what_comes_before_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str, most: int) -> None:
    monkeypatch.setattr(connection_module, bound, most)
    post = Post(room="r", nonce="n", text="x")
    flooded = [loose(*[RoomList(rooms=[])] * 10) for _ in range(2)]
    with pytest.raises(InvalidFrame, match="too much before its answer"):
        await flooded[0].ask(Open(name="x"), Opened)
    with pytest.raises(InvalidFrame, match="too much before its answer"):
        await flooded[1].say(post)


async def test_a_frame_that_is_no_frame_is_said() -> None:
    connection = loose()
    broken = aiohttp.WebSocketError(1009, "Message size 9 exceeds limit 4")
    connection._websocket.receive.side_effect = [aiohttp.WSMessage(aiohttp.WSMsgType.ERROR, broken, None)]  # type: ignore[attr-defined]
    with pytest.raises(InvalidFrame, match=r"too large, or is none: .*exceeds limit"):
        await anext(connection)
