"""Every door lets in so many, every route of the network's app costs, and every socket of it is read at a pace."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import aiohttp
import msgspec
import pytest
from aiohttp import web

from lanchat.config import Config
from lanchat.consumers.aiohttp import handler_of
from lanchat.errors import SlowDown
from lanchat.limits import Limits
from lanchat.metrics.analytics import uncounted
from lanchat.showcase import SystemConsumer
from lanchat.web.apps import room_app
from lanchat.web.guard import SOCKETS, guard
from lanchat.web.server import Server
from lanchat.web.watch import Watch
from tests.laws import sources
from tests.laws.test_routes_guarded import NOWHERE, routes
from tests.support.clients import serving
from tests.support.conditions import eventually
from tests.unit.web.test_entrance import HANDSHAKE, frame, open_ones, raw

PLACES = 16
BURST = 20
SENT = 200
PONG = b"\x8a\x01x"
LOOK = 0.2
"""Seconds in which a socket that is held up says nothing more; the limits below would let it in a minute."""


async def uncharged(paths: Iterable[tuple[str, str]], url: str) -> list[str]:
    """Say which routes answer somebody who has asked too often already."""
    wrong = []
    async with aiohttp.ClientSession() as session:
        for method, path in sorted(paths):
            async with session.request(method, url.rstrip("/") + path) as answer:
                if answer.status != 429:
                    wrong.append(f"{method} {path} answers with {answer.status} who has asked too often")
    return wrong


async def unpaced(paths: Iterable[str], url: str) -> list[str]:
    """Say which sockets are read as fast as somebody sends, beyond BURST frames at once."""
    wrong = []
    for path in sorted(paths):
        async with raw(url) as (client,):
            await client.send(HANDSHAKE.replace(b"/ws ", path.encode() + b" "))
            await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), 5)
            await client.send(frame(0x89, b"x") * SENT)
            heard = bytearray()
            while heard.count(PONG) < BURST:
                heard += await asyncio.wait_for(client.reader.read(4096), 5)
            await answered(url)  # whoever is not held up has answered everything by then
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    while heard.count(PONG) == BURST:
                        heard += await client.reader.read(4096)
            if heard.count(PONG) > BURST:
                wrong.append(f"{path} is read at any pace")
    return wrong


async def answered(url: str) -> None:
    """Ask for something, and wait for the answer."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        await answer.read()


async def boundless(url: str) -> list[str]:
    """Say whether a door lets in more than PLACES at once."""
    async with raw(url, 3 * PLACES) as silent:
        with contextlib.suppress(AssertionError):
            await eventually(lambda: open_ones(silent) == PLACES, 2)
        inside = open_ones(silent)
        return [] if inside == PLACES else [f"{url} lets in {inside} at once"]


@pytest.fixture
async def poor(showcase: Config) -> AsyncIterator[Server]:
    """A node that takes very little of one address, but has not been asked yet."""
    limits = Limits(
        address_share=1,
        request_rate=0.001,
        request_burst=1,
        frame_rate=0.001,
        frame_burst=BURST,
        window_connections=PLACES,
        connections_per_address=PLACES,
        handshake_burst=1_000,
        idle_time=60,
    )
    async with serving(msgspec.structs.replace(showcase, limits=limits)) as server:
        yield server


async def test_every_route_of_the_network_is_charged(poor: Server) -> None:
    app = room_app(poor.node, Watch(uncounted))
    await answered(poor.lan_url)
    sources.obeyed(await uncharged(routes(app) | {NOWHERE}, poor.lan_url))


async def test_every_socket_of_the_network_is_read_at_a_pace(showcase: Config) -> None:
    limits = Limits(frame_rate=0.001, frame_burst=BURST)
    async with serving(msgspec.structs.replace(showcase, limits=limits)) as server:
        paths = {path for _, path in routes(room_app(server.node, Watch(uncounted))) if path.startswith(SOCKETS)}
        assert {"/ws", "/ws/room/x", "/ws/chat"} <= paths
        sources.obeyed(await unpaced(paths, server.lan_url))


async def test_every_door_has_so_many_places(poor: Server) -> None:
    for url in (poor.window_url, poor.lan_url):
        sources.obeyed(await boundless(url))


async def test_a_route_and_a_socket_and_a_door_without_limits_are_found() -> None:
    asked: list[str] = []

    def charge(address: str) -> None:
        asked.append(address)
        if len(asked) > 1:
            raise SlowDown

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response()

    for charged in (True, False):
        middleware = guard(loopback=True, charge=charge if charged else None)
        app = web.Application(middlewares=[middleware])  # type: ignore[list-item]
        app.router.add_get("/open", answer)
        app.router.add_get("/ws/fast", handler_of(SystemConsumer))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            await answered(url)
            wrong = await uncharged({("GET", "/open")}, url)
            assert wrong == ([] if charged else ["GET /open answers with 200 who has asked too often"])
            if not charged:
                assert await unpaced(["/ws/fast"], url) == ["/ws/fast is read at any pace"]
                assert await boundless(url) == [f"{url} lets in {3 * PLACES} at once"]
        finally:
            await runner.cleanup()
