"""Counting sockets, whatever way they end."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from lanchat.consumers.websocket import AsyncWebsocketConsumer
from lanchat.showcase.system import SystemConsumer
from lanchat.web.watch import Watch
from tests.support.conditions import eventually


class Flood(AsyncWebsocketConsumer):
    """Sends more than anybody reads."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        for _ in range(200):
            await self.send(bytes_data=b"x" * 65_536)
            await asyncio.sleep(0)


class Counted:
    """What was counted."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def __call__(self, name: str, value: int = 1, *, label: str = "") -> None:
        key = f"{name}:{label}".rstrip(":")
        self.counts[key] = self.counts.get(key, 0) + value


@pytest.fixture
def counted() -> Counted:
    return Counted()


async def serve(watch: Watch, make: type[AsyncWebsocketConsumer]) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_get("/ws", watch.handler("plain", make))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/ws"


async def test_a_socket_is_counted_when_it_comes_and_when_it_goes(counted: Counted) -> None:
    watch = Watch(counted)
    runner, url = await serve(watch, SystemConsumer)
    try:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url) as socket:
                await socket.receive()
                assert (watch.open, counted.counts) == (1, {"sockets_opened:plain": 1})
            await eventually(lambda: watch.open == 0)
            assert counted.counts == {"sockets_opened:plain": 1, "sockets_closed:plain": 1}
    finally:
        await runner.cleanup()


async def test_a_request_that_is_no_socket_leaves_none_open(counted: Counted) -> None:
    watch = Watch(counted)
    runner, url = await serve(watch, SystemConsumer)
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 400
        assert watch.open == 0
    finally:
        await runner.cleanup()


async def test_a_reader_that_was_too_slow_is_counted(counted: Counted) -> None:
    watch = Watch(counted)
    runner, url = await serve(watch, Flood)
    try:
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            await socket.send_str("go")
            await eventually(lambda: counted.counts.get("slow_readers_cut_off") == 1)
    finally:
        await runner.cleanup()
