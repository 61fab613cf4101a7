import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from lanchat.layers import BaseChannelLayer, ChannelFull, LayerError, Message
from lanchat.layers.redis import RedisChannelLayer
from lanchat.layers.redis.wire import Codec
from tests.support.conditions import eventually
from tests.support.layers.contract import LayerContract, Make, numbered
from tests.support.layers.histories import HistoryContract
from tests.support.layers.model import STEPS, Model, compare
from tests.support.layers.serializing import SerializerContract
from tests.support.redis.servers import RedisServer

THEIRS = "specific.c0ffee00c0ff4e00a0ffee00c0ffee00!"


class TestContract(LayerContract, HistoryContract, SerializerContract):
    @pytest.fixture
    def kind(self, server: RedisServer) -> Callable[..., BaseChannelLayer]:
        return lambda **settings: RedisChannelLayer([server.url], **settings)

    async def test_only_the_member_without_room_misses_it(self, make: Make) -> None:
        """The channels of a process share one queue in Redis; a member that reads empties it for all."""
        layer = await make(capacity=2)
        full, fine = await layer.new_channel(), await layer.new_channel()
        got: list[Message] = []
        for member in (full, fine):
            await layer.group_add("g", member)
        layer.attach(fine, got.append)
        for count, message in enumerate(numbered(1, 2, 3), 1):
            await layer.group_send("g", message)
            await eventually(lambda count=count: len(got) == count)  # type: ignore[misc]
        assert got == numbered(1, 2, 3)
        with pytest.raises(ChannelFull):
            await layer.send(full, {"type": "t"})
        assert [await layer.receive(full), await layer.receive(full)] == numbered(2, 3)


@pytest.fixture
async def layer(server: RedisServer) -> AsyncIterator[RedisChannelLayer]:
    async with RedisChannelLayer([server.url], lease=0.9) as layer:
        yield layer


def commands(server: RedisServer) -> dict[str, int]:
    with server.client() as client:
        return {name[8:]: int(stats["calls"]) for name, stats in client.info("commandstats").items()}


async def test_another_loops_channel_cannot_be_received_here(layer: RedisChannelLayer) -> None:
    with pytest.raises(LayerError, match="belongs to another process"):
        await layer.receive(THEIRS + "x")
    with pytest.raises(LayerError, match="belongs to another process"):
        layer.attach(THEIRS + "x", print)


async def test_a_member_of_an_original_stays_without_being_renewed(
    layer: RedisChannelLayer, server: RedisServer
) -> None:
    server.ask("ZADD", "asgi:group:g", time.time() - 3600, THEIRS + "hour", time.time() - 90_000, THEIRS + "dead")
    assert await layer.group_members("g") == [THEIRS + "hour"]


async def _members(layer: RedisChannelLayer, expected: list[str]) -> Any:
    return await layer.group_members("g") == expected


async def test_a_channel_of_another_process_joins_for_as_long_as_with_the_originals(server: RedisServer) -> None:
    async with RedisChannelLayer([server.url], lease=0.9) as one, RedisChannelLayer([server.url], lease=0.9) as two:
        channel, got = await one.new_channel(), list[Message]()
        await two.group_add("g", channel)
        assert float(server.ask("ZSCORE", "asgi:group:g", channel)) > time.time() + 86_000
        one.attach(channel, got.append)
        await two.group_send("g", {"type": "t"})
        await eventually(lambda: got == [{"type": "t"}])
        await two.group_discard("g", channel)
        assert await one.group_members("g") == []


async def test_what_an_original_put_back_from_in_flight_is_not_done_twice(
    layer: RedisChannelLayer, server: RedisServer
) -> None:
    member = Codec(prefix_length=12).encode({"type": "t", "n": 1})
    other = Codec(prefix_length=12).encode({"type": "t", "n": 1})
    now = time.time()
    server.ask("ZADD", "asgijobs", now, member)
    assert await layer.receive("jobs") == {"type": "t", "n": 1}
    server.ask("ZADD", "asgijobs", now, member, now + 0.001, other, now + 0.002, _job(2))
    assert [await layer.receive("jobs"), await layer.receive("jobs")] == numbered(1, 2)


def _job(number: int) -> bytes:
    return Codec(prefix_length=12).encode({"type": "t", "n": number})


async def test_expired_messages_are_not_delivered(layer: RedisChannelLayer, server: RedisServer) -> None:
    channel = await layer.new_channel()
    key = f"asgi{channel.partition('!')[0]}!"
    old = Codec(prefix_length=12).encode({"type": "old", "__asgi_channel__": channel})
    server.ask("ZADD", key, time.time() - 61, old)
    server.ask("ZADD", "asgijobs", time.time() - 61, old)
    await layer.send(channel, {"type": "new"})
    server.ask("ZADD", key, time.time() - 61, old)
    assert await layer.receive(channel) == {"type": "new"}
    await eventually(lambda: layer.statistics().expired == 1)


async def test_a_group_that_is_what_it_was_takes_one_trip_and_one_that_is_not_two(server: RedisServer) -> None:
    async with RedisChannelLayer([server.url]) as layer, RedisChannelLayer([server.url]) as other:
        first, second = await layer.new_channel(), await other.new_channel()
        await layer.group_add("g", first)
        await layer.group_send("g", {"type": "t", "n": 1})
        before = commands(server)["eval"]
        for number in (2, 3):
            await layer.group_send("g", {"type": "t", "n": number})
        assert commands(server)["eval"] - before == 2
        await other.group_add("g", second)
        await layer.group_send("g", {"type": "t", "n": 4})
        assert commands(server)["eval"] - before == 4
        await layer.group_send("g", {"type": "t", "n": 5}, exclude=first)
        await other.group_discard("g", second)
        await layer.group_send("g", {"type": "t", "n": 6})
        assert [(await layer.receive(first))["n"] for _ in range(5)] == [1, 2, 3, 4, 6]
        assert [(await other.receive(second))["n"] for _ in range(2)] == [4, 5]


async def test_flush_takes_nothing_of_others(server: RedisServer) -> None:
    foreign = {
        "chatbot:users",
        "chatbot:group:g",
        "chat:groups",
        "chatbotspecific." + "0" * 32 + "!",
        "chatspecific.short!",
        "chat",
        "chatty",
        "chat.log",
    }
    for key in foreign:
        server.ask("SET", key, "x")
    async with RedisChannelLayer([server.url], prefix="chat") as layer:
        for channel in ("jobs", "a!b", await layer.new_channel(), await layer.new_channel("my.own"), THEIRS + "x"):
            await layer.send(channel, {"type": "t"})
            await layer.group_add("g", channel)
        server.ask("ZADD", "chatjobs$inflight", 1, "x")
        server.ask("ZADD", f"chat{THEIRS}$inflight", 1, "x")
        assert server.ask("DBSIZE") > len(foreign)
        await layer.flush()
        assert {key.decode() for key in server.ask("KEYS", "*")} == foreign


async def test_it_hears_an_original_that_sends_to_the_wrong_server(
    server: RedisServer, own_server: RedisServer
) -> None:
    async with RedisChannelLayer([server.url, own_server.url]) as layer:
        channel = await layer.new_channel()
        for each in (server, own_server):
            member = Codec(prefix_length=12).encode({"type": str(each.port), "__asgi_channel__": channel})
            each.ask("ZADD", f"asgi{channel.partition('!')[0]}!", time.time(), member)
        got = {(await layer.receive(channel))["type"] for _ in range(2)}
        assert got == {str(server.port), str(own_server.port)}


@given(steps=STEPS)
@settings(deadline=None, derandomize=True, max_examples=100, phases=[Phase.generate])
def test_the_layer_does_what_a_simple_model_does(shared_server: RedisServer, steps: list[tuple[Any, ...]]) -> None:
    """With room enough: what a full queue does depends on the other channels of the process, and is tested above."""
    layer = RedisChannelLayer([shared_server.url], prefix=uuid.uuid4().hex)
    model = Model(layer.capacity, layer.overflow, refuses=True)
    asyncio.run(compare(layer, model, steps))
