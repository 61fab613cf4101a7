"""Workers over layers: consumers of both kinds, several at once, the end, and names that are none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lanchat.consumers import AsyncConsumer, SyncConsumer
from lanchat.consumers.errors import WorkerStuck
from lanchat.consumers.routing import ChannelNameRouter
from lanchat.consumers.worker import slot
from lanchat.consumers.worker.worker import ChannelWorker
from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer, Message, layer_from_url
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer

DONE: list[str] = []


class Thumbnails(AsyncConsumer):
    async def make(self, message: Message) -> None:
        DONE.append(f"{self.scope['channel']} {message['id']}")

    async def fail(self, message: Message) -> None:
        raise RuntimeError("broken")


class Mails(SyncConsumer):
    def mail_send(self, message: Message) -> None:
        DONE.append(f"mail to {message['to']}")


ROUTER = ChannelNameRouter({"thumbnails": Thumbnails, "mails": Mails})


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    DONE.clear()


@pytest.fixture(params=["memory", "redis"])
async def layer(request: pytest.FixtureRequest) -> AsyncIterator[BaseChannelLayer]:
    url = "memory://"
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("server")
        url = server.url.replace("redis://", "redis+queue://")
    async with layer_from_url(url) as layer:
        await layer.flush()
        yield layer


@asynccontextmanager
async def working(layer: BaseChannelLayer, app: Any = ROUTER, **options: Any) -> AsyncIterator[ChannelWorker]:
    worker = ChannelWorker(app, layer, getattr(app, "application_mapping", ["jobs"]), **options)
    running = asyncio.create_task(worker.run(grace=0.2))
    try:
        yield worker
    finally:
        worker.stop()
        await running


async def test_consumers_take_what_is_sent_to_their_channels(layer: BaseChannelLayer) -> None:
    async with working(layer):
        await layer.send("thumbnails", {"type": "fail"})
        await layer.send("thumbnails", {"type": "nonsense"})
        await layer.send("thumbnails", {"type": "make", "id": 7})
        await layer.send("mails", {"type": "mail.send", "to": "ada"})
        await eventually(lambda: sorted(DONE) == ["mail to ada", "thumbnails 7"])


async def test_several_are_handled_at_once_and_no_more() -> None:
    now = most = 0
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal now, most
        while True:
            await receive()
            now += 1
            most = max(most, now)
            await go.wait()
            now -= 1

    async with InMemoryChannelLayer() as layer, working(layer, app, concurrency=3) as worker:
        for _ in range(9):
            await layer.send("jobs", {"type": "x"})
        await eventually(lambda: now == 3)
        go.set()
        await eventually(lambda: worker.handled == 9)
    assert most == 3


async def test_what_is_at_hand_too_long_at_the_end_is_given_up() -> None:
    cancelled = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with InMemoryChannelLayer() as layer:
        async with working(layer, app) as worker:
            await layer.send("jobs", {"type": "x"})
            await eventually(lambda: worker.slots[0]._message is not None)
        assert cancelled.is_set()


async def test_a_worker_whose_handlers_all_block_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "_LET_GO", 0.02)
    release = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    async with InMemoryChannelLayer() as layer:
        worker = ChannelWorker(app, layer, ["jobs"], patience=0.02, most_stuck=1)
        running = asyncio.create_task(worker.run(grace=0.05))
        for _ in range(4):
            await layer.send("jobs", {"type": "x"})
        with pytest.raises(WorkerStuck, match="handlers block their threads for ever"):
            await running
        release.set()


def test_what_is_no_work_is_refused() -> None:
    layer = InMemoryChannelLayer()
    with pytest.raises(TypeError, match="Channel name"):
        ChannelWorker(ROUTER, layer, ["two words"])
    with pytest.raises(ValueError, match="a channel to listen to"):
        ChannelWorker(ROUTER, layer, [])
    with pytest.raises(ValueError, match="at least one message"):
        ChannelWorker(ROUTER, layer, ["a"], concurrency=0)
    with pytest.raises(TypeError, match="An ASGI app or a consumer class"):
        ChannelWorker(None, layer, ["a"])  # type: ignore[arg-type]
