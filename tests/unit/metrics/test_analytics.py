"""Counting: cheap for the caller, few messages on the layer, and nothing lost when that is full."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lanchat.layers import InMemoryChannelLayer, LayerUnreachable, Message, make_layers
from lanchat.metrics import analytics as module
from lanchat.metrics.analytics import CHANNEL, MANY, Analytics, uncounted
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@asynccontextmanager
async def running(*works: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_counted_is_added_up(layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    analytics = Analytics(layer)
    analytics.count("repairs")
    analytics.count("repairs", 2)
    analytics.count("refusals", label="not_json")
    async with running(analytics.deliver(), analytics.work()):
        await eventually(lambda: analytics.tally.total("repairs") == 3)
        assert analytics.tally.parts("refusals") == {"not_json": 1}
        analytics.count("repairs")
        await eventually(lambda: analytics.tally.total("repairs") == 4)


async def test_many_counts_travel_in_one_message(layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 60.0)
    messages: list[Message] = []
    layer.attach(CHANNEL, messages.append)
    analytics = Analytics(layer)
    async with running(analytics.deliver()):
        for _ in range(MANY):
            analytics.count("repairs")
        await eventually(lambda: messages)
        assert messages == [{"type": "analytics.counts", "counts": {"repairs": MANY}}]


async def test_few_counts_wait_for_the_end_of_the_pause(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(module, "PAUSE", 60.0)
    messages: list[Message] = []
    layer.attach(CHANNEL, messages.append)
    analytics = Analytics(layer)
    async with running(analytics.deliver()):
        for number in range(3):
            analytics.count("repairs")
            await asyncio.sleep(0)
            assert (number, messages) == (number, [])
        clock.advance(60)
        await eventually(lambda: messages)
    assert messages == [{"type": "analytics.counts", "counts": {"repairs": 3}}]


async def test_a_full_layer_delays_the_numbers_and_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    async with InMemoryChannelLayer(capacity=1) as layer:
        await layer.send(CHANNEL, {"type": "analytics.counts", "counts": {"repairs": 10}})
        analytics = Analytics(layer)
        async with running(analytics.deliver()):
            analytics.count("repairs")
            await eventually(analytics._some.is_set)
            async with running(analytics.work()):
                await eventually(lambda: analytics.tally.total("repairs") == 11)


async def test_a_layer_that_comes_back_is_read_again(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    analytics = Analytics(layer)
    receive, failures = layer.receive, iter([True, True])

    async def fail(channel: str) -> Message:
        if next(failures, False):
            raise LayerUnreachable
        return await receive(channel)

    monkeypatch.setattr(layer, "receive", fail)
    async with running(analytics.work()):
        await layer.send(CHANNEL, {"type": "analytics.counts", "counts": {"repairs": 1}})
        await eventually(lambda: analytics.tally.total("repairs") == 1)


@pytest.mark.parametrize("message", [{}, {"counts": 7}, {"counts": ["repairs"]}, {"counts": {"repairs": "many"}}])
async def test_a_message_that_says_nothing_is_passed_over(layer: InMemoryChannelLayer, message: Message) -> None:
    analytics = Analytics(layer)
    async with running(analytics.work()):
        await layer.send(CHANNEL, message)
        await layer.send(CHANNEL, {"counts": {"repairs": 1}})
        await eventually(lambda: analytics.tally.total("repairs") == 1)


async def test_nodes_on_one_redis_share_the_work(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    async with make_layers(server.url)["analytics"] as one, make_layers(server.url)["analytics"] as two:
        counting, working = Analytics(one), Analytics(two)
        async with running(counting.deliver(), counting.work(), working.work()):
            for _ in range(20):
                counting.count("repairs")
                await eventually(lambda: not counting._some.is_set())
            sums = (counting.tally, working.tally)
            await eventually(lambda: sum(tally.total("repairs") for tally in sums) == 20)


def test_parts_outside_a_node_count_nothing() -> None:
    uncounted("repairs", 2, label="x")
