import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lanchat.errors import ChannelFull, LayerError
from lanchat.layers import BaseChannelLayer, Message
from lanchat.layers.redis import RedisChannelLayer
from lanchat.layers.redis.wire import Codec
from tests.conditions import eventually
from tests.layers.contract import LayerContract, Make, numbered
from tests.layers.redis.servers import RedisServer

THEIRS = "specific.c0ffee00c0ff4e00a0ffee00c0ffee00!"


class TestContract(LayerContract):
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


async def test_a_send_is_one_round_trip_and_a_group_send_two(layer: RedisChannelLayer, server: RedisServer) -> None:
    channels = [await layer.new_channel() for _ in range(5)]
    for channel in channels:
        await layer.group_add("g", channel)
    line = layer._loops.current().lines[0]
    writes = 0
    exchange = line._exchange

    async def counted(calls: Any) -> None:
        nonlocal writes
        writes += 1
        await exchange(calls)

    line._exchange = counted  # type: ignore[method-assign]
    await layer.send(channels[0], {"type": "t"})
    assert writes == 1
    await layer.group_send("g", {"type": "t"})
    assert writes == 3
    assert server.ask("ZCARD", f"asgi{channels[0].partition('!')[0]}!") == 2  # one for all five channels


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


async def test_our_members_live_as_long_as_they_are_renewed(layer: RedisChannelLayer, server: RedisServer) -> None:
    dead = "specific.c0ffee00c0ff8e00a0ffee00c0ffee00!x"
    alive = await layer.new_channel()
    layer.attach(alive, list[Message]().append)
    await layer.group_add("g", alive)
    server.ask("ZADD", "asgi:group:g", time.time(), dead)
    first = server.ask("ZSCORE", "asgi:group:g", alive)
    assert await layer.group_members("g") == sorted([alive, dead])
    await eventually(lambda: _members(layer, [alive]))
    await eventually(lambda: float(server.ask("ZSCORE", "asgi:group:g", alive)) > float(first) + 0.9)
    await layer.group_send("g", {"type": "t"})
    assert server.ask("ZRANGE", "asgi:group:g", 0, -1) == [alive.encode()]
    assert 86_000 < server.ask("TTL", "asgi:group:g") <= 86_400


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


async def test_jobs_go_to_one_worker_each_and_none_is_lost_when_workers_leave(server: RedisServer) -> None:
    done: list[int] = []
    async with contextlib.AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(RedisChannelLayer([server.url], capacity=1000)) for _ in range(3)]

        async def work(layer: RedisChannelLayer) -> None:
            while len(done) < 200:
                with contextlib.suppress(TimeoutError):
                    message = await asyncio.wait_for(layer.receive("jobs"), 0.005)
                    done.append(message["n"])

        tasks = [asyncio.create_task(work(layer)) for layer in workers]
        for message in numbered(*range(200)):
            await workers[0].send("jobs", message)
            if message["n"] == 100:
                tasks[2].cancel()
                await workers[2].close()
        await asyncio.wait(tasks, timeout=10)
        assert sorted(done) == list(range(200))


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


async def test_several_servers(server: RedisServer, own_server: RedisServer) -> None:
    own_server.ask("FLUSHALL")
    async with RedisChannelLayer([server.url, own_server.url]) as layer:
        channels = [await layer.new_channel(f"p{number}") for number in range(8)]
        for number, channel in enumerate(channels):
            await layer.group_add(f"g{number}", channel)
            await layer.group_add("all", channel)
            await layer.send(channel, {"type": "one"})
            await layer.group_send(f"g{number}", {"type": "group"})
        await layer.group_send("all", {"type": "all"})
        for channel in channels:
            assert sorted([(await layer.receive(channel))["type"] for _ in range(3)]) == ["all", "group", "one"]
        for message in numbered(*range(6)):
            await layer.send("jobs", message)
        got = [(await layer.receive("jobs"))["n"] for _ in range(6)]
        assert sorted(got) == list(range(6))


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


async def test_a_full_queue_in_a_group_is_counted_and_logged_once_in_a_while(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with RedisChannelLayer([server.url], capacity=1) as layer:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        for _ in range(4):
            await layer.group_send("g", {"type": "t"})
        assert layer.statistics().dropped == 3
    assert caplog.text.count("1 of 1 channels over capacity in group g") == 1
