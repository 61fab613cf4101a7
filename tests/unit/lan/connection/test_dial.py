"""Dialling a node: what answers, what refuses, and what only looks like a node."""

import asyncio
import socket
import time

import pytest
from aiohttp import web

from lanchat.errors import (
    InvalidFrame,
    InvalidNick,
    LanchatError,
    NotProven,
    NotSecure,
    OtherNode,
    Unauthorised,
    Unreachable,
    UnsupportedVersion,
)
from lanchat.identity import NodeCertificate
from lanchat.lan.connection.dial import dial
from lanchat.protocol import VERSION, Hello, NodeInfo
from lanchat.web.server import Server
from tests.support.between import between
from tests.support.clients import running
from tests.support.conditions import LONG, eventually
from tests.support.identity import OTHER_SEAL
from tests.support.lan.hostile import NODE, Frame, Say, hostile_home, welcome
from tests.support.pretending import pretending

HELLO = Hello(version=VERSION, client="guest", nick="Ada")


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


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


async def test_who_says_on_and_on_is_left() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        while True:
            await socket.send_json({"type": "rooms", "rooms": []})
            await asyncio.sleep(0)

    async def welcome_and_talk(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await socket.send_json(welcome())
        await talk(socket)

    async with asyncio.timeout(LONG):
        async with pretending(talk) as url:
            with pytest.raises(InvalidFrame, match="before its welcome"):
                async with dial(url, HELLO):
                    pass
        async with pretending(welcome_and_talk) as url, dial(url, HELLO) as connection:
            await anext(connection)


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
        assert time.monotonic() - began < 60


async def test_a_server_that_says_no_welcome_is_given_up() -> None:
    async with pretending(lambda socket: socket.receive_str()) as url, asyncio.timeout(60):
        with pytest.raises(Unreachable):
            async with dial(url, HELLO, patience=0.2):
                pass

    async def listen(socket: web.WebSocketResponse) -> None:
        async for _ in socket:
            pass

    async with pretending(listen) as url, asyncio.timeout(60):
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


async def test_an_older_node_that_knows_no_refs_is_understood_when_it_refuses() -> None:
    async def refuse(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.send_str('{"type":"error","code":"unsupported_version","message":"Update it.","retry":false}')
        await socket.close(code=4002)

    async with pretending(refuse) as url:
        with pytest.raises(UnsupportedVersion, match="Update it"):
            async with dial(url, HELLO):
                pass


async def test_a_node_that_is_known_is_dialled_by_tls_and_by_nothing_else(server: Server) -> None:
    here = server.node.info.id
    async with dial(server.secure_url, HELLO, node=here) as connection:
        assert (connection.node, connection.welcome.node.id) == (here, here)
    async with dial(server.secure_url, HELLO) as connection:
        assert connection.node == here
    async with dial(server.lan_url, HELLO) as connection:
        assert connection.node == ""
    with pytest.raises(NotSecure):
        async with dial(server.lan_url, HELLO, node=here):
            pass
    with pytest.raises(NotSecure):
        async with dial(server.lan_url, HELLO, certificate=NodeCertificate.new()):
            pass


async def test_another_node_is_told_nothing(server: Server) -> None:
    async with between(int(server.lan_url.rstrip("/").rpartition(":")[2])) as middle:
        with pytest.raises(OtherNode, match="Another machine answers"):
            async with dial(f"https://127.0.0.1:{middle.port}/", HELLO, node=server.node.info.id):
                pass
        await eventually(lambda: middle.met == 1)
        assert middle.read == b""


async def test_a_node_that_calls_itself_otherwise_than_its_certificate_is_refused() -> None:
    async with hostile_home(_nothing) as home:
        url = f"https://127.0.0.1:{home.port}/"
        async with dial(url, HELLO, node=NODE.id) as connection:
            assert connection.welcome.node.id == NODE.id
        home.claims = "0" * 32
        with pytest.raises(InvalidFrame, match="another node"):
            async with dial(url, HELLO, node=NODE.id):
                pass


async def _nothing(_say: Say, _join: Frame) -> None:
    pass


async def test_a_link_is_proven_and_nothing_of_it_is_needed_twice(server: Server) -> None:
    certificate = NodeCertificate.new()
    room = await server.node.rooms.open("linked")
    node = NodeInfo(id=certificate.id, name="there")
    vow = OTHER_SEAL.vow(node.id)
    hello = Hello(version=VERSION, client="link", node=node, owner=OTHER_SEAL.id, owner_signature=vow, room=room.id)
    for _ in range(2):
        async with dial(server.secure_url, hello, node=server.node.info.id, certificate=certificate) as connection:
            assert connection.welcome.node == server.node.info
    with pytest.raises(NotProven):
        async with dial(server.secure_url, hello, certificate=NodeCertificate.new()):
            pass


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
