import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from lanchat.layers import BaseChannelLayer, Message, Overflow
from lanchat.layers.redis import RedisPubSubChannelLayer
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.layers.contract import NAMES, SPECIFIC, LayerContract, Make, numbered, waiting
from tests.support.layers.histories import HistoryContract
from tests.support.layers.model import STEPS, Model, compare
from tests.support.layers.serializing import SerializerContract
from tests.support.redis.servers import RedisServer


async def listen(layer: RedisPubSubChannelLayer, *channels: str) -> None:
    session = layer._loops.current()
    for channel in channels:
        session.mailbox(channel)
        await session.subscribed(channel)


class TestContract(LayerContract, HistoryContract, SerializerContract):
    """The suite, for channels that are listened to from the start: to others a topic of Redis brings nothing."""

    @pytest.fixture
    def kind(self, server: RedisServer) -> Callable[..., BaseChannelLayer]:
        return lambda **settings: RedisPubSubChannelLayer([server.url], **settings)

    @pytest.fixture
    async def make(self, kind: Callable[..., RedisPubSubChannelLayer]) -> AsyncIterator[Make]:
        async with AsyncExitStack() as stack:

            async def build(**settings: Any) -> BaseChannelLayer:
                layer = await stack.enter_async_context(kind(**settings))
                await listen(layer, *NAMES, *SPECIFIC, "b", "small.a")
                return layer

            yield build

    async def test_a_new_channel_is_one_receivers_own_and_begins_with_its_prefix(self, layer: BaseChannelLayer) -> None:
        """As with the originals the layer's own prefix comes first: an access list of Redis may ask for it."""
        assert (await layer.new_channel()).startswith("asgispecific.")
        assert (await layer.new_channel("mine")).startswith("asgimine.")
        assert (await layer.new_channel("specific.")).count(".") == 1
        with pytest.raises(TypeError):
            await layer.new_channel("not one")

    async def test_a_full_channel_refuses_and_keeps_what_it_has(self, make: Make) -> None:
        """A publisher does not know what waits; the full mailbox drops, as its policy says, and counts."""
        for policy, kept in (("drop_oldest", [2, 3]), ("drop_newest", [1, 2])):
            layer = await make(capacity=2, overflow=policy)
            assert isinstance(layer, RedisPubSubChannelLayer)
            for message in numbered(1, 2, 3):
                await layer.send("a", message)
            await eventually(lambda layer=layer: layer.statistics().dropped == 1)  # type: ignore[misc]
            assert [await layer.receive("a"), await layer.receive("a")] == numbered(*kept)

    async def test_a_thread_is_told_that_a_channel_is_full(self, make: Make) -> None:
        """No sender is told, in a thread or not: it is counted where it was dropped."""
        layer = await make(capacity=2)
        for message in numbered(1, 2, 3):
            await asyncio.to_thread(layer.send_sync, "a", message)
        await eventually(lambda: layer.statistics().dropped == 1)

    async def test_capacities_by_the_channels_name(self, make: Make) -> None:
        layer = await make(capacity=3, channel_capacity={"small.*": 1}, channel_overflow={"small.*": "drop_newest"})
        assert isinstance(layer, RedisPubSubChannelLayer)
        for message in numbered(1, 2):
            await layer.send("small.a", message)
            await layer.send("a", message)
        await eventually(lambda: layer.statistics().received == 3)
        assert layer.statistics().dropped == 1
        assert await layer.receive("small.a") == {"type": "t", "n": 1}

    async def test_only_the_member_without_room_misses_it(self, make: Make) -> None:
        layer = await make(capacity=2)
        full, fine = await layer.new_channel(), await layer.new_channel()
        got: list[Message] = []
        layer.attach(fine, got.append)
        for member in (full, fine):
            await layer.group_add("g", member)
        for message in numbered(1, 2, 3):
            await layer.group_send("g", message)
        await eventually(lambda: got == numbered(1, 2, 3))
        assert [await layer.receive(full), await layer.receive(full)] == numbered(2, 3)

    async def test_a_membership_that_nobody_refreshes_ends(self, make: Make, clock: Clock) -> None:
        """A member is a subscription here, which ends with its process; the list of members is a lease."""
        layer = await make(lease=60)
        assert isinstance(layer, RedisPubSubChannelLayer)
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        session = layer._loops.current()
        session.renewal = list  # type: ignore[method-assign]
        assert await layer.group_members("g") == [channel]
        clock.advance(61)
        await eventually(lambda: _is_empty(layer, "g"))

    async def test_who_detaches_is_in_no_group_and_gets_nothing(self, layer: BaseChannelLayer) -> None:
        got: list[Message] = []
        for group in ("g", "h"):
            await layer.group_add(group, "a")
            await layer.group_add(group, "b")
        layer.attach("a", got.append)
        layer.detach("a")
        layer.detach("a")
        for group in ("g", "h"):
            await layer.group_send(group, {"type": "t"})
        await layer.send("a", {"type": "t"})
        assert await waiting(layer, "b") == [{"type": "t"}] * 2
        assert got == []


async def _is_empty(layer: RedisPubSubChannelLayer, group: str) -> Any:
    return await layer.group_members(group) == []


@pytest.fixture
async def layer(server: RedisServer) -> AsyncIterator[RedisPubSubChannelLayer]:
    async with RedisPubSubChannelLayer([server.url], prefix="chat") as layer:
        yield layer


async def test_a_group_is_subscribed_once_for_all_members_here(
    layer: RedisPubSubChannelLayer, server: RedisServer
) -> None:
    channels = [await layer.new_channel() for _ in range(3)]
    for channel in channels:
        await layer.group_add("g", channel)
    assert server.ask("PUBSUB", "NUMSUB", "chat__group__g") == [b"chat__group__g", 1]
    for channel in channels:
        await layer.group_discard("g", channel)
    await eventually(lambda: server.ask("PUBSUB", "NUMSUB", "chat__group__g") == [b"chat__group__g", 0])
    assert server.ask("DBSIZE") == 0


async def test_a_receiver_cut_short_keeps_its_subscription_and_its_groups(layer: RedisPubSubChannelLayer) -> None:
    channel = await layer.new_channel()
    await layer.group_add("g", channel)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.01)
    await layer.group_send("g", {"type": "t"})
    assert await layer.receive(channel) == {"type": "t"}


async def test_several_servers_share_the_names(server: RedisServer, own_server: RedisServer) -> None:
    async with RedisPubSubChannelLayer([server.url, own_server.url]) as layer:
        channels = [await layer.new_channel() for _ in range(12)]
        for number, channel in enumerate(channels):
            await layer.group_add(f"g{number}", channel)
            await layer.send(channel, {"type": "one"})
            await layer.group_send(f"g{number}", {"type": "all"})
            assert sorted([(await layer.receive(channel))["type"] for _ in range(2)]) == ["all", "one"]
            assert await layer.group_members(f"g{number}") == [channel]
        for each in (server, own_server):
            assert each.ask("PUBSUB", "CHANNELS")


async def test_flush_takes_the_rolls_of_its_own_prefix_only(
    layer: RedisPubSubChannelLayer, server: RedisServer
) -> None:
    await layer.group_add("g", await layer.new_channel())
    server.ask("SET", "chat__members_of_something", "x")
    server.ask("SET", "chatbot__members__g", "x")
    await layer.flush()
    assert sorted(server.ask("KEYS", "*")) == [b"chat__members_of_something", b"chatbot__members__g"]


@pytest.mark.parametrize("overflow", Overflow)
@given(steps=STEPS)
@settings(deadline=None, derandomize=True, max_examples=100, phases=[Phase.generate])
def test_the_layer_does_what_a_simple_model_does(
    shared_server: RedisServer, overflow: Overflow, steps: list[tuple[Any, ...]]
) -> None:
    layer = RedisPubSubChannelLayer([shared_server.url], prefix=uuid.uuid4().hex, capacity=2, overflow=overflow)
    model = Model(2, overflow, refuses=False)

    def arrived() -> bool:
        counted = layer.statistics()
        return (counted.received, counted.dropped) == (model.received, model.dropped)

    asyncio.run(compare(layer, model, steps, arrived))
