"""What only a long time shows."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from typing import Any

import psutil
import pytest

from lanchat.layers import LayerError
from lanchat.layers.redis.layer import RedisLayer
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread
from tests.unit.layers.conftest import Kind

pytestmark = pytest.mark.soak

SECONDS = 40.0


async def test_three_processes_worth_of_layers_through_many_restarts(kind: Kind, own_server: RedisServer) -> None:
    """Nobody gets a message twice or out of order, everybody is heard again, and memory does not grow."""
    async with AsyncExitStack() as stack:
        layers = [await stack.enter_async_context(kind([own_server.url], lease=3)) for _ in range(3)]
        heard: dict[str, list[tuple[int, int]]] = {}
        for layer in layers:
            for _ in range(5):
                channel = await layer.new_channel()
                numbers = heard[channel] = []
                layer.attach(channel, lambda message, numbers=numbers: numbers.append((message["by"], message["n"])))  # type: ignore[misc]
                await layer.group_add("g", channel)

        async def load(by: int) -> None:
            number = 0
            while True:
                number += 1
                try:
                    await layers[by].group_send("g", {"type": "t", "by": by, "n": number, "pad": "x" * 500})
                except LayerError:
                    await eventually(own_server.answers)

        tasks = [asyncio.create_task(load(by)) for by in range(3)]
        end = time.monotonic() + SECONDS
        sizes = []
        while time.monotonic() < end:
            await in_thread(own_server.restart)
            before = {channel: len(numbers) for channel, numbers in heard.items()}
            more = random.randrange(50, 500)
            await eventually(
                lambda b=before, m=more: all(len(heard[channel]) > b[channel] + m for channel in heard),  # type: ignore[misc]
                timeout=30,
            )
            assert not any(task.done() for task in tasks)
            for numbers in heard.values():
                for by in range(3):
                    mine = [number for each, number in numbers if each == by]
                    assert mine == sorted(set(mine))
                numbers.clear()
            sizes.append(psutil.Process().memory_info().rss)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert sizes[-1] < sizes[len(sizes) // 3] + 10_000_000
        expected = sorted(heard)
        await eventually(lambda: _members(layers[0], expected), timeout=10)


async def _members(layer: RedisLayer[Any], expected: list[str]) -> Any:
    return await layer.group_members("g") == expected


async def test_memberships_and_readers_outlive_many_leases_without_a_message(kind: Kind, server: RedisServer) -> None:
    async with kind([server.url], lease=2) as layer:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        reader = asyncio.create_task(layer.receive(channel))
        start = time.monotonic()
        await eventually(lambda: time.monotonic() > start + 30, timeout=40)
        assert await layer.group_members("g") == [channel]
        await layer.group_send("g", {"type": "t"})
        assert await asyncio.wait_for(reader, 60) == {"type": "t"}
        assert layer.statistics().reconnects == 0
