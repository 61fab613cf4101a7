from collections.abc import AsyncIterator

import pytest

from lanchat.layers import Message
from lanchat.layers.redis import RedisPubSubChannelLayer
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer


@pytest.fixture
async def layer(server: RedisServer) -> AsyncIterator[RedisPubSubChannelLayer]:
    async with RedisPubSubChannelLayer([server.url]) as layer:
        yield layer


@pytest.mark.parametrize("poison", [b"", b"\xc1", b"\x01", b"[]", b"\x81\x01\x02", b"\xff" * 1000])
async def test_what_is_no_message_is_counted_and_skipped(
    layer: RedisPubSubChannelLayer, server: RedisServer, poison: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    channel, got = await layer.new_channel(), list[Message]()
    layer.attach(channel, got.append)
    await layer.group_add("g", channel)
    server.ask("PUBLISH", channel, poison)
    server.ask("PUBLISH", "asgi__group__g", poison)
    await layer.send(channel, {"type": "t"})
    await eventually(lambda: got == [{"type": "t"}])
    assert layer.statistics().poisoned == 2
    assert caplog.text.count("Skipped what came in") == 2


async def test_a_message_of_a_group_is_decoded_once_and_shared(layer: RedisPubSubChannelLayer) -> None:
    got: list[Message] = []
    for _ in range(3):
        channel = await layer.new_channel()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
    await layer.group_send("g", {"type": "t", "list": [1]})
    await eventually(lambda: len(got) == 3)
    assert got[0] is got[1] is got[2]


async def test_who_is_left_out_does_not_get_it_nor_see_the_mark(
    layer: RedisPubSubChannelLayer, server: RedisServer
) -> None:
    async with RedisPubSubChannelLayer([server.url]) as other:
        got: dict[str, list[Message]] = {}
        for each in (layer, layer, other):
            channel = await each.new_channel()
            got[channel] = []
            each.attach(channel, got[channel].append)
            await each.group_add("g", channel)
        first, second, third = got
        await layer.group_send("g", {"type": "t"}, exclude=third)
        await layer.group_send("g", {"type": "u"}, exclude=first)
        await eventually(lambda: list(map(len, got.values())) == [1, 2, 1])
        assert got == {first: [{"type": "t"}], second: [{"type": "t"}, {"type": "u"}], third: [{"type": "u"}]}


async def test_the_roll_is_a_lease_in_a_key_of_its_own(layer: RedisPubSubChannelLayer, server: RedisServer) -> None:
    channel = await layer.new_channel()
    await layer.group_add("g", channel)
    assert server.ask("KEYS", "*") == [b"asgi__members__g"]
    assert 0 < server.ask("TTL", "asgi__members__g") <= 120
