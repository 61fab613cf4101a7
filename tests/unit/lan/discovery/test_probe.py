"""One question to a real HTTP server, which may do anything."""

import asyncio
import contextlib
import gzip
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from lanchat.errors import Unreachable
from lanchat.identity import NodeCertificate
from lanchat.lan.discovery import probe as module
from lanchat.lan.discovery.probe import MAX_ANSWER, MAX_ANSWERED, MAX_NETWORKS, Answer, HttpsProbe
from lanchat.protocol import NodeInfo
from tests.support.certificates import answering_as, certificate_of, certified

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DESK = certified("Desk")
GOOD = {"node": {"id": DESK.id, "name": "Desk"}, "rooms": [{"id": "b" * 32, "name": "general", "members": 2}]}


@asynccontextmanager
async def server(
    handler: Handler, address: str = "127.0.0.1", port: int = 0, certificate: NodeCertificate | None = None
) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/api/node", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        tls = answering_as(certificate or certificate_of(DESK.id))
        site = web.TCPSite(runner, address, port, ssl_context=tls)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def says(body: Any, **options: Any) -> Handler:
    text = body if isinstance(body, str | bytes) else json.dumps(body)

    async def handler(request: web.Request) -> web.StreamResponse:
        data = text if isinstance(text, bytes) else text.encode()
        return web.Response(body=data, **options)

    return handler


async def ask(port: int, address: str = "127.0.0.1", node: str = "") -> Answer:
    return await HttpsProbe().ask(address, port, node or DESK.id)


async def test_a_node_answers() -> None:
    async with server(says(GOOD | {"more": [1, 2]})) as port:
        answer = await ask(port)
    assert answer.node.name == "Desk"
    room = answer.room("b" * 32)
    assert room is not None
    assert (room.name, room.members, room.top) == ("general", 2, 0)
    assert answer.room("c" * 32) is None


async def test_where_a_home_is_that_is_away_is_cleaned_and_bounded() -> None:
    away = {
        "home": {"id": "a" * 32, "name": "An\nna"},
        "addresses": [f"192.0.2.{number}:28280" for number in range(50)],
    }
    rooms = [
        {"id": "b" * 32, "name": "general", "members": 1, **away},
        {"id": "c" * 32, "name": "other", "members": 1, "home": {"id": "../x", "name": "Anna"}},
    ]
    async with server(says({"node": {"id": DESK.id, "name": "Desk"}, "rooms": rooms})) as port:
        (room,) = (await ask(port)).rooms
    assert room.home == NodeInfo(id="a" * 32, name="An na")
    assert room.addresses == tuple(f"192.0.2.{number}:28280" for number in range(4))


async def test_of_very_many_rooms_the_first_are_looked_at() -> None:
    rooms = [{"id": f"{number:032x}", "name": "general", "members": 1} for number in range(MAX_ANSWERED + 100)]
    async with server(says(GOOD | {"rooms": rooms})) as port:
        answer = await ask(port)
    assert [room.id for room in answer.rooms] == [f"{number:032x}" for number in range(MAX_ANSWERED)]


async def test_of_very_many_networks_the_first_are_looked_at() -> None:
    networks = ["10.0.0.1/24", "x" * 10_000, *(f"10.0.{number}.1/24" for number in range(100))]
    async with server(says(GOOD | {"networks": networks})) as port:
        answer = await ask(port)
    assert answer.networks == ["10.0.0.1/24", "x" * len("255.255.255.255/32"), *networks[2:MAX_NETWORKS]]


async def test_names_are_cleaned_and_bad_rooms_left_out() -> None:
    rooms = [
        {"id": "b" * 32, "name": "general", "members": -5, "top": -1},
        {"id": "../x", "name": "general", "members": 1},
        {"id": "c" * 32, "name": "a\x00b", "members": 1},
        {"id": "d" * 32, "name": "other", "members": 10**9, "top": 77},
    ]
    async with server(says({"node": {"id": DESK.id, "name": "\x1b[2JDe\nsk"}, "rooms": rooms})) as port:
        answer = await ask(port)
    assert answer.node.name == "[2JDe sk"
    assert [(room.name, room.members, room.top) for room in answer.rooms] == [("general", 0, 0), ("other", 9_999, 77)]


@pytest.mark.parametrize(
    "body",
    [
        "", "no json", "[]", "{}", "null", b"\xff\xfe", '{"node":1,"rooms":[]}', '{"node":{"id":1},"rooms":[]}',
        '{"node":{"id":"a","name":"b"},"rooms":[{"id":"c"}]}', "[" * 100_000,
        '{"node":{"id":"a","name":"b"},"x":' + "[" * 50_000,
        json.dumps(GOOD).replace("2", "9" * 200_000),
    ],
)  # fmt: skip
async def test_garbage(body: str | bytes) -> None:
    async with server(says(body)) as port:
        with pytest.raises(Unreachable):
            await ask(port)


async def test_too_large() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)
            sent += 65_536
            await asyncio.sleep(0)

    async with server(endless) as port:
        with pytest.raises(Unreachable, match="too large"):
            await ask(port)
    assert sent < MAX_ANSWER + 8_000_000


async def test_compressed_answer_is_not_unpacked() -> None:
    async with server(says(gzip.compress(json.dumps(GOOD).encode()), headers={"Content-Encoding": "gzip"})) as port:
        with pytest.raises(Unreachable):
            await ask(port)


async def test_redirect_is_not_followed() -> None:
    visited = False

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        nonlocal visited
        visited = True
        return web.json_response(GOOD)

    async with server(elsewhere) as target:
        location = {"Location": f"https://127.0.0.1:{target}/api/node"}
        async with server(says("", status=302, headers=location)) as port:
            with pytest.raises(Unreachable, match="302"):
                await ask(port)
    assert not visited


@pytest.mark.parametrize("status", [201, 204, 401, 404, 421, 500])
async def test_other_status(status: int) -> None:
    async with server(says(GOOD if status != 204 else "", status=status)) as port:
        with pytest.raises(Unreachable):
            await ask(port)


async def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            await ask(taken.getsockname()[1])


async def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    over = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 0.01)

    for handler in (silent, slow):
        async with server(handler) as port:
            with pytest.raises(Unreachable):
                await ask(port)
            over.set()


async def test_not_http() -> None:
    async def junk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 50)
        await reader.read(1)
        writer.close()

    listener = await asyncio.start_server(junk, "127.0.0.1", 0)
    async with listener:
        with pytest.raises(Unreachable):
            await ask(listener.sockets[0].getsockname()[1])


async def test_ipv6() -> None:
    async with server(says(GOOD), "::1") as port:
        assert (await ask(port, "::1")).node.name == "Desk"


async def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    async with server(says(GOOD)) as port:
        assert (await ask(port)).node.name == "Desk"


async def test_who_answers_under_another_certificate_is_asked_nothing() -> None:
    asked = 0

    async def count(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.json_response(GOOD)

    async with server(count, certificate=NodeCertificate.new()) as port:
        with pytest.raises(Unreachable, match="its key is another"):
            await ask(port)
    assert asked == 0


async def test_a_node_that_calls_itself_otherwise_than_its_certificate_is_none() -> None:
    async with server(says(GOOD | {"node": {"id": "a" * 32, "name": "Desk"}})) as port:
        with pytest.raises(Unreachable, match="under the id of another"):
            await ask(port)


async def test_without_tls_nothing_is_asked() -> None:
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.close()

    listener = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with listener:
        with pytest.raises(Unreachable):
            await ask(listener.sockets[0].getsockname()[1])
    assert heard[:1] == b"\x16"
    assert b"/api/node" not in heard
