"""Apps that people have written for Channels and Fast Channels, with their imports changed, on every layer.

Parts 2 and 3 of the tutorial of Channels are in `tests/matrix`, on every server. Here nothing is served: what is
asked is whether the code runs.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import channel_layers, unregister_channel_layer
from tests.ports import sandbox as untyped
from tests.ports.layers import KINDS
from tests.support.conditions import LONG
from tests.support.redis.servers import RedisServer

ROOT = Path(__file__).parents[2]
sandbox: Any = untyped  # written as people write it


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


def run(*command: str) -> str:
    """Run a module of the ports to its end, and return what it has printed."""
    python = [sys.executable, "-m", *command]
    done = subprocess.run(python, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("app", ["multichat", "notifications"])
def test_an_app_with_an_orm_and_sessions(app: str, kind: str, redis: RedisServer, tmp_path: Path) -> None:
    redis.ask("FLUSHALL")
    assert run(f"tests.ports.{app}", kind, redis.url, str(tmp_path)) == "played\n"


class Sandbox:
    """The sandbox in this process, with its worker and its sender where they can be: in others, but in memory."""

    def __init__(self, kind: str, redis: str, stack: AsyncExitStack) -> None:
        self._kind = kind
        self._redis = redis
        self._stack = stack

    async def page(self, consumer: Any, **params: str) -> WebsocketCommunicator:
        """Connect a page to a consumer."""
        client = await self._stack.enter_async_context(WebsocketCommunicator(consumer, "/"))
        client.scope["path_params"] = params
        assert (await client.connect(LONG))[0]
        return client

    async def queue(self, channel: str, job: str, content: str) -> None:
        """Give the worker a job."""
        if self._kind == "memory":
            await sandbox.work_here(channel, job, content)
        else:
            await asyncio.to_thread(run, "tests.ports.sandbox", "work", self._kind, self._redis, channel, job, content)

    async def send(self) -> None:
        """Let the sender say something to every part."""
        if self._kind == "memory":
            await sandbox.send()
        else:
            await asyncio.to_thread(run, "tests.ports.sandbox", "send", self._kind, self._redis)


@pytest.fixture(params=KINDS)
async def app(request: pytest.FixtureRequest, redis: RedisServer) -> AsyncIterator[Sandbox]:
    redis.ask("FLUSHALL")
    sandbox.set_up(request.param, redis.url)
    async with AsyncExitStack() as stack:
        yield Sandbox(request.param, redis.url, stack)
    for alias in sandbox.ALIASES:
        await channel_layers[alias].close()
        unregister_channel_layer(alias)


async def heard(*clients: WebsocketCommunicator) -> set[Any]:
    """Return what each of the clients hears next."""
    return {await client.receive_from(LONG) for client in clients}


async def test_the_sandbox_of_fast_channels_with_its_worker_and_sender(app: Sandbox) -> None:
    system = await app.page(sandbox.SystemChat)
    assert await heard(system) == {"🔧 System: connected"}
    await system.send_to("hello")
    assert await heard(system) == {"🔧 Echo: hello"}

    first = await app.page(sandbox.RoomChat, room_name="one")
    assert await heard(first) == {"🚪 Somebody came"}
    second, other = await app.page(sandbox.RoomChat, room_name="one"), await app.page(sandbox.RoomChat, room_name="two")
    assert await heard(first, second, other) == {"🚪 Somebody came"}
    await second.send_to("hello")
    assert await heard(first, second) == {"💬 hello"}
    await second.disconnect()
    assert await heard(first) == {"👋 Somebody left"}
    assert await other.receive_nothing()

    jobs = await app.page(sandbox.BackgroundJobs.as_asgi(queue=app.queue))
    assert await jobs.receive_json_from(LONG) == {"status": "connected"}
    await jobs.send_json_to({"type": "translate", "content": "world"})
    assert await jobs.receive_json_from(LONG) == {"status": "queuing", "message": "translate: world"}
    later = [await jobs.receive_json_from(LONG) for _ in range(2)]
    assert {"status": "queued"} in later
    assert {"type": "job_result", "message": "mundo"} in later

    chat, reliable, analytics = [
        await app.page(each) for each in (sandbox.Chat, sandbox.ReliableChat, sandbox.Analytics)
    ]
    assert await heard(chat, reliable, analytics) == {"in"}
    notices = await app.page(sandbox.SandboxNotifications)
    await reliable.send_to("kept")
    assert await heard(reliable) == {"kept"}
    await app.send()
    assert await heard(chat) == {"📢 from outside"}
    assert await heard(reliable) == {"🔒 maintenance"}
    assert await notices.receive_json_from(LONG) == {"type": "system", "level": 9}
    said = [await analytics.receive_from(LONG) for _ in range(3)]
    assert said == ["📊 user_login:ada", "📊 page_view:/", "📊 error:timeout"]
