"""Dialling a node: what answers, what refuses, and what only looks like a node."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from lanchat.chat.protocol import (
    SILENCE,
    VERSION,
    Event,
    Hello,
    Join,
    Joined,
    Notice,
    Open,
    Opened,
    Post,
    Presence,
    Rename,
    Rooms,
    You,
)
from lanchat.config import Config
from lanchat.errors import (
    InvalidFrame,
    InvalidNick,
    LanchatError,
    NoSuchRoom,
    Unauthorised,
    Unreachable,
    UnsupportedVersion,
)
from lanchat.lan.client import dial
from lanchat.web.server import Server
from tests.clients import running, serving
from tests.support.clock import Clock

HELLO = Hello(version=VERSION, client="guest", nick="Ada")
Behaviour = Callable[[web.WebSocketResponse], Awaitable[object]]


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@asynccontextmanager
async def pretending(behave: Behaviour) -> AsyncIterator[str]:
    """A server that takes WebSockets on /ws and is no Lanchat."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        await behave(socket)
        return socket

    app = web.Application()
    app.router.add_get("/ws", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


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
        kinds: list[type[Notice]] = []
        async for notice in connection:
            kinds.append(type(notice))
            if isinstance(notice, Event):
                seqs.append(notice.seq)
            if len(seqs) == 5:
                break
        assert seqs == [1, 2, 3, 4, 5]
        assert kinds[0] is Rooms
        assert Presence in kinds


async def test_an_error_that_a_node_names_is_raised_as_what_it_is(server: Server) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        with pytest.raises(NoSuchRoom):
            await connection.ask(Join(room="nowhere"), Joined)
        with pytest.raises(InvalidNick, match="the most is 24"):
            await connection.ask(Rename(nick="x" * 25), You)
        await connection.ask(Rename(nick="Bob"), You)


@pytest.mark.parametrize(
    ("hello", "error"),
    [
        (Hello(version=VERSION + 1, client="guest"), UnsupportedVersion),
        (Hello(version=VERSION, client="window"), InvalidFrame),
        (Hello(version=VERSION, client="guest", nick="x" * 25), InvalidNick),
    ],
)
async def test_a_refused_hello_is_raised(server: Server, hello: Hello, error: type[LanchatError]) -> None:
    with pytest.raises(error):
        async with dial(server.lan_url, hello):
            pass


async def test_the_windows_door_wants_the_key(server: Server) -> None:
    with pytest.raises(Unauthorised):
        async with dial(server.window_url, Hello(version=VERSION, client="script", token="wrong")):
            pass
    key = running(server.node.config.data_dir).key
    async with dial(server.window_url, Hello(version=VERSION, client="script", token=key)) as connection:
        assert connection.welcome.you == server.node.me


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://127.0.0.1:99999/", "no url", "", "ftp://127.0.0.1/", "http://[::1/"]
)
async def test_where_nobody_is_nobody_answers(url: str) -> None:
    with pytest.raises(Unreachable, match="No Lanchat answers at"):
        async with dial(url, HELLO):
            pass


async def test_another_web_server_is_no_node() -> None:
    async def nothing(_: web.WebSocketResponse) -> None: ...

    async with pretending(nothing) as url:
        with pytest.raises(Unreachable, match="No Lanchat"):
            async with dial(f"{url}elsewhere", HELLO):
                pass
        with pytest.raises(Unreachable, match="without an answer"):
            async with dial(url, HELLO):
                pass


async def test_a_port_that_takes_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(Unreachable):
            async with dial(f"http://127.0.0.1:{silent.getsockname()[1]}/", HELLO, patience=0.2):
                pass
        assert time.monotonic() - began < 5


async def test_a_server_that_says_no_welcome_is_given_up() -> None:
    async with pretending(lambda socket: socket.receive_str()) as url, asyncio.timeout(5):
        with pytest.raises(Unreachable):
            async with dial(url, HELLO, patience=0.2):
                pass

    async def listen(socket: web.WebSocketResponse) -> None:
        async for _ in socket:
            pass

    async with pretending(listen) as url, asyncio.timeout(5):
        with pytest.raises(Unreachable, match="not as Lanchat does"):
            async with dial(url, HELLO, patience=0.2):
                pass


@pytest.mark.parametrize("answer", ["junk", "[]", '{"type":"hello"}', '{"type":"welcome"}', b"\x00", '{"type":"new"}'])
async def test_a_server_that_speaks_otherwise_is_refused(answer: str | bytes) -> None:
    async def say(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await (socket.send_bytes(answer) if isinstance(answer, bytes) else socket.send_str(answer))
        await socket.receive()

    async with pretending(say) as url:
        with pytest.raises(LanchatError):
            async with dial(url, HELLO):
                pass


async def test_a_silent_node_counts_as_gone(server: Server, clock: Clock) -> None:
    async with dial(server.lan_url, HELLO) as connection:
        assert type(await anext(connection)) is Rooms
        silence = asyncio.ensure_future(anext(connection, None))
        await asyncio.sleep(0)
        clock.advance(SILENCE)
        assert await asyncio.wait_for(silence, 5) is None


async def test_a_server_cannot_send_us_elsewhere(server: Server) -> None:
    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"{server.lan_url}ws")

    app = web.Application()
    app.router.add_get("/ws", redirect)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        with pytest.raises(Unreachable, match="elsewhere"):
            async with dial(f"http://127.0.0.1:{runner.addresses[0][1]}/", HELLO):
                pass
    finally:
        await runner.cleanup()


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
    await asyncio.wait_for(staying, 5)
