import time
from collections.abc import AsyncIterator

import pytest

from lanchat.layers import Message
from lanchat.layers.redis import RedisChannelLayer
from lanchat.layers.redis.wire import Codec
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer

RANDOM = b"R" * 12


@pytest.fixture
async def layer(server: RedisServer) -> AsyncIterator[RedisChannelLayer]:
    async with RedisChannelLayer([server.url]) as layer:
        yield layer


def key_of(channel: str) -> str:
    return f"asgi{channel.partition('!')[0]}!"


@pytest.mark.parametrize("poison", [b"", b"short", RANDOM + b"\xc1", RANDOM + b"\x01", RANDOM + b"\x81\x01\x02"])
async def test_what_is_no_message_is_counted_and_skipped(
    layer: RedisChannelLayer, server: RedisServer, poison: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    channel = await layer.new_channel()
    for key in (key_of(channel), "asgijobs"):
        server.ask("ZADD", key, time.time(), poison)
    await layer.send(channel, {"type": "t"})
    await layer.send("jobs", {"type": "job"})
    assert await layer.receive(channel) == {"type": "t"}
    assert await layer.receive("jobs") == {"type": "job"}
    assert layer.statistics().poisoned == 2
    assert caplog.text.count("Skipped what came from the queue") == 2


@pytest.mark.parametrize("targets", [None, 5, {}, [], [5], ["x", 5]])
async def test_a_message_that_names_no_channel_is_counted_and_skipped(
    layer: RedisChannelLayer, server: RedisServer, targets: object
) -> None:
    channel = await layer.new_channel()
    message = {"type": "t"} if targets is None else {"type": "t", "__asgi_channel__": targets}
    server.ask("ZADD", key_of(channel), time.time(), Codec(prefix_length=12).encode(message))
    await layer.send(channel, {"type": "t"})
    assert await layer.receive(channel) == {"type": "t"}
    assert layer.statistics().poisoned == 1


async def test_one_member_is_for_all_channels_that_it_names(layer: RedisChannelLayer, server: RedisServer) -> None:
    first, second = await layer.new_channel(), await layer.new_channel()
    got: list[Message] = []
    for channel in (first, second):
        layer.attach(channel, got.append)
    gone = first.replace("!", "!gone")
    member = Codec(prefix_length=12).encode({"type": "t", "__asgi_channel__": [first, gone, second]})
    server.ask("ZADD", key_of(first), time.time(), member)
    await eventually(lambda: len(got) == 2)
    assert got[0] is got[1]
    assert got[0] == {"type": "t"}
    assert layer.statistics().dropped == 1


async def test_an_empty_message_is_one(layer: RedisChannelLayer) -> None:
    channel = await layer.new_channel()
    await layer.send(channel, {})
    await layer.send("jobs", {})
    assert await layer.receive(channel) == await layer.receive("jobs") == {}


async def test_a_queue_of_a_wrong_type_is_counted_and_used_again(layer: RedisChannelLayer, server: RedisServer) -> None:
    channel, got = await layer.new_channel(), list[Message]()
    server.ask("SET", key_of(channel), "x")
    layer.attach(channel, got.append)
    await eventually(lambda: layer.statistics().poisoned == 1)
    await layer.send(channel, {"type": "t"})
    await eventually(lambda: got == [{"type": "t"}])


async def test_repeated_members_are_legal_without_random_bytes(server: RedisServer) -> None:
    async with RedisChannelLayer([server.url], random_prefix_length=0) as layer:
        for _ in range(2):
            await layer.send("jobs", {"type": "t"})
            assert await layer.receive("jobs") == {"type": "t"}


async def test_a_channel_for_all_stays_in_its_groups_when_one_process_goes(server: RedisServer) -> None:
    async with RedisChannelLayer([server.url]) as one, RedisChannelLayer([server.url]) as two:
        await one.group_add("g", "jobs")
        await one.group_add("g", await one.new_channel())
        await one.close()
        assert await two.group_members("g") == ["jobs"]
        await two.group_send("g", {"type": "t"})
        assert await two.receive("jobs") == {"type": "t"}
