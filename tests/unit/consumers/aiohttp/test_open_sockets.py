"""The WebSockets of an app end with it, also of one that was not prepared for that."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer, StopConsumer
from lanchat.consumers.aiohttp.open_sockets import OpenSockets, UntoldSockets
from lanchat.layers import Message
from tests.support.conditions import LONG, wait_until
from tests.support.redis.servers import free_port, listens

ROOT = Path(__file__).parents[4]
PROGRAM = """
import sys
from aiohttp import web
from lanchat.consumers import AsyncWebsocketConsumer
app = web.Application()
app.router.add_get("/ws", AsyncWebsocketConsumer.as_handler())
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


class Raw(AsyncConsumer):
    """Takes the events one by one."""

    async def websocket_connect(self, event: Message) -> None:
        await self.send({"type": "websocket.accept"})

    async def websocket_disconnect(self, event: Message) -> None:
        raise StopConsumer


@pytest.mark.parametrize("kind", [AsyncWebsocketConsumer, Raw])
async def test_a_server_that_stops_closes_what_as_handler_serves(kind: type[AsyncConsumer]) -> None:
    app = web.Application()
    app.router.add_get("/ws", kind.as_handler())
    runner = web.AppRunner(app, shutdown_timeout=LONG)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with connect(f"ws://127.0.0.1:{runner.addresses[0][1]}/ws") as client:
        async with asyncio.timeout(LONG / 2):
            await runner.cleanup()
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1001


@pytest.fixture
def program() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)], cwd=ROOT) as process:
        try:
            yield process, port
        finally:
            process.kill()


async def test_a_program_ends_when_it_is_interrupted(program: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = program
    wait_until(lambda: listens(port), LONG, "the program listens")
    client = await connect(f"ws://127.0.0.1:{port}/ws")
    process.send_signal(signal.SIGINT)
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(LONG / 2):
            await client.recv()
    assert client.close_code == 1001
    await client.close()
    wait_until(lambda: process.poll() is not None, LONG / 2, "the program has ended")


async def test_without_sockets_nobody_looks() -> None:
    untold = UntoldSockets()
    untold._look()
    assert untold._looking is None
    await OpenSockets().close()
