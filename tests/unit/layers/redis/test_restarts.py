"""Redis is killed and started again, over and over, while several layers send and receive on it.

What the layers promise, and what is checked here:

- Nobody who receives is told of an error, and nobody connects again by hand. Who sends is told, at once, and only while
  Redis is away; what a refused send said arrives once or never.
- Both: at most once, and for each receiver in the order in which each sender sent.
- Pub/sub: who listens when a message is published gets it; `on_reconnect` comes once after each outage, and from then
  on everybody listens again.
- Queue: with a Redis that writes down what it accepts, what was accepted while nobody took it arrives, however often
  Redis was killed meanwhile. Lost is only what Redis had handed out when it was killed: one message for each reader.
"""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lanchat.layers import BaseChannelLayer, LayerUnreachable, Message
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread

LAYERS = 3
RESTARTS = [pytest.param(3, id="three"), pytest.param(10, id="ten", marks=pytest.mark.soak)]


class Senders:
    """Several tasks that send all the time, each its own numbers, and note what was accepted."""

    def __init__(self) -> None:
        self.accepted: set[tuple[int, int]] = set()
        self.refused: set[tuple[int, int]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        return not any(task.done() for task in self._tasks)

    def begin(self, layer: BaseChannelLayer, target: str, server: RedisServer) -> None:
        by = len(self._tasks)
        send = layer.group_send if target == "group" else layer.send
        self._tasks.append(asyncio.create_task(self._send(send, target, by, server)))

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            assert isinstance(result, asyncio.CancelledError)

    async def _send(self, send: Any, target: str, by: int, server: RedisServer) -> None:
        number = 0
        while True:
            number += 1
            try:
                await send(target, {"type": "t", "by": by, "n": number})
                self.accepted.add((by, number))
            except LayerUnreachable:
                self.refused.add((by, number))
                await eventually(lambda: in_thread(server.answers))
            except asyncio.CancelledError:
                self.refused.add((by, number))
                raise


def noted(heard: list[tuple[int, int]]) -> Any:
    return lambda message: heard.append((message["by"], message["n"]))


async def reading(layer: BaseChannelLayer, channel: str, heard: list[tuple[int, int]]) -> None:
    note = noted(heard)
    while True:
        note(await layer.receive(channel))


def check_order(heard: list[tuple[int, int]]) -> None:
    """At most once, and in the order of each sender."""
    for by in {by for by, _ in heard}:
        numbers = [number for each, number in heard if each == by]
        assert numbers == sorted(set(numbers))


@asynccontextmanager
async def readers(*tasks: asyncio.Task[None]) -> Any:
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)


@pytest.mark.parametrize("restarts", RESTARTS)
async def test_pubsub_through_restarts(own_server: RedisServer, restarts: int) -> None:
    back: Counter[int] = Counter()
    senders = Senders()
    async with AsyncExitStack() as stack:
        pulled: list[list[tuple[int, int]]] = []
        pushed: list[list[tuple[int, int]]] = []
        tasks = []
        for place in range(LAYERS):
            layer = await stack.enter_async_context(
                RedisPubSubChannelLayer([own_server.url], on_reconnect=lambda place=place: back.update([place]))  # type: ignore[misc]
            )
            for kind in (pulled, pushed):
                channel = await layer.new_channel()
                await layer.group_add("group", channel)
                kind.append([])
                if kind is pushed:
                    layer.attach(channel, noted(kind[-1]))
                else:
                    tasks.append(asyncio.create_task(reading(layer, channel, kind[-1])))
            senders.begin(layer, "group", own_server)
        async with readers(*tasks):
            for count in range(1, restarts + 1):
                await in_thread(own_server.restart)
                await eventually(lambda count=count: back == dict.fromkeys(range(LAYERS), count), 10)  # type: ignore[misc]
                before = [len(heard) for heard in pulled + pushed]
                await eventually(lambda b=before: _all_more(pulled + pushed, b), 10)  # type: ignore[misc]
                assert senders.alive
            await senders.end()
        for heard in pulled + pushed:
            check_order(heard)
            assert set(heard) <= senders.accepted | senders.refused


def _all_more(heard: list[list[tuple[int, int]]], before: list[int]) -> bool:
    return all(len(each) > count + 20 for each, count in zip(heard, before, strict=True))


@pytest.mark.parametrize("restarts", RESTARTS)
async def test_queue_through_restarts(tmp_path: Path, restarts: int) -> None:
    server = RedisServer(tmp_path / "redis", "appendonly yes", "appendfsync always")
    server.start()
    senders, heard, tasks = Senders(), [list[tuple[int, int]]() for _ in range(LAYERS)], []
    try:
        async with AsyncExitStack() as stack:
            for place in range(LAYERS):
                layer = await stack.enter_async_context(RedisChannelLayer([server.url], capacity=100_000))
                senders.begin(layer, "jobs", server)
                tasks.append(asyncio.create_task(reading(layer, "jobs", heard[place])))
            async with readers(*tasks):
                for _ in range(restarts):
                    before = [len(each) for each in heard]
                    await in_thread(server.restart)
                    await eventually(lambda b=before: _all_more(heard, b), 10)  # type: ignore[misc]
                    assert senders.alive
                await senders.end()
                last = {"type": "t", "by": -1, "n": 0}
                await layer.send("jobs", last)
                await eventually(lambda: any((-1, 0) in each for each in heard))
                await eventually(lambda: server.ask("ZCARD", "asgijobs") == 0)
            everything = [number for each in heard for number in each if number != (-1, 0)]
            assert len(everything) == len(set(everything))
            assert set(everything) <= senders.accepted | senders.refused
            assert len(senders.accepted - set(everything)) <= restarts * LAYERS
            for each in heard:
                check_order(each)
    finally:
        server.stop()


async def test_what_a_queue_accepted_is_there_after_every_restart(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis", "appendonly yes", "appendfsync always")
    server.start()
    sent: list[Message] = []
    try:
        async with RedisChannelLayer([server.url], capacity=1000) as layer:
            for number in range(60):
                sent.append({"type": "t", "n": number})
                await layer.send("jobs", sent[-1])
                if number % 20 == 10:
                    await in_thread(server.restart)
            async with asyncio.timeout(60):
                assert [await layer.receive("jobs") for _ in sent] == sent
    finally:
        server.stop()
