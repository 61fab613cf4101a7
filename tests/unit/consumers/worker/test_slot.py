"""One app on a channel: it hangs, fails, ends at once, or cannot be stopped, and the next message is taken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.consumers.worker import slot
from lanchat.consumers.worker.slot import Slot
from lanchat.layers import InMemoryChannelLayer, Message
from tests.support.conditions import eventually

Job = Callable[[Message], Awaitable[None]]


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@asynccontextmanager
async def taking(layer: InMemoryChannelLayer, job: Job, *, patience: float = 60) -> AsyncIterator[Slot]:
    async def app(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        assert scope == {"type": "channel", "channel": "jobs"}
        while True:
            await job(await receive())

    one = Slot(app, layer, "jobs", patience=patience)
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        await running


async def test_messages_are_taken_one_after_the_other(layer: InMemoryChannelLayer) -> None:
    done: list[int] = []

    async def job(message: Message) -> None:
        await asyncio.sleep(0)
        done.append(message["number"])

    async with taking(layer, job) as one:
        for number in range(5):
            await layer.send("jobs", {"type": "x", "number": number})
        await eventually(lambda: one.handled == 5)
    assert done == [0, 1, 2, 3, 4]


async def test_what_is_cancelled_by_what_it_waits_for_has_failed(layer: InMemoryChannelLayer) -> None:
    async def job(message: Message) -> None:
        if message["type"] == "cancelled":
            awaited = asyncio.get_running_loop().create_future()
            awaited.cancel()
            await awaited

    async with taking(layer, job) as one:
        for kind in ("cancelled", "fine"):
            await layer.send("jobs", {"type": kind})
        await eventually(lambda: (one.failed, one.handled) == (1, 1))


async def test_what_hangs_is_said_and_given_up(layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture) -> None:
    async def job(message: Message) -> None:
        if message["type"] == "hang":
            await asyncio.Event().wait()

    async with taking(layer, job, patience=0.05) as one:
        await layer.send("jobs", {"type": "hang"})
        await layer.send("jobs", {"type": "well"})
        await eventually(lambda: (one.hung, one.handled) == (1, 1))
    assert "A message of type 'hang' in jobs was not handled within 0.05 s" in caplog.text


async def test_what_fails_takes_the_next(layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture) -> None:
    async def job(message: Message) -> None:
        if message["type"] == "bad":
            raise RuntimeError("broken")

    async with taking(layer, job) as one:
        await layer.send("jobs", {"type": "bad"})
        await layer.send("jobs", {"type": "well"})
        await eventually(lambda: (one.failed, one.handled) == (1, 1))
    assert "failed on a message of type 'bad'" in caplog.text


async def test_what_is_at_hand_is_handled_before_the_end_and_no_more_is_taken(layer: InMemoryChannelLayer) -> None:
    go = asyncio.Event()

    async def job(message: Message) -> None:
        await go.wait()

    async with taking(layer, job) as one:
        await layer.send("jobs", {"type": "one"})
        await eventually(lambda: one._message is not None)
        await layer.send("jobs", {"type": "two"})
        one.stop()
        go.set()
    assert one.handled == 1
    assert await layer.receive("jobs") == {"type": "two"}


async def test_what_blocks_a_thread_is_left_behind(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(slot, "_LET_GO", 0.05)
    release = asyncio.Event()

    async def job(message: Message) -> None:
        while message["type"] == "block" and not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:  # as one that waits for a thread
                continue

    async with taking(layer, job, patience=0.05) as one:
        await layer.send("jobs", {"type": "block"})
        await layer.send("jobs", {"type": "well"})
        await eventually(lambda: (one.stuck, one.handled) == (1, 1))
        release.set()
    assert "blocks a thread and cannot be stopped" in caplog.text


async def test_an_app_that_ends_at_once_is_not_begun_without_end(
    layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture
) -> None:
    begun = 0

    async def app(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        nonlocal begun
        begun += 1
        await send({"type": "http.response.start"})

    one = Slot(app, layer, "jobs", patience=60)
    running = asyncio.create_task(one.run())
    await eventually(lambda: "nobody to send 'http.response.start' to" in caplog.text)
    for _ in range(100):
        await asyncio.sleep(0)
    assert begun == 1
    one.stop()
    await running
