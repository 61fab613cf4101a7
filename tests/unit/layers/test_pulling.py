"""A layer that can only be asked for messages hands them on."""

import asyncio
import inspect
from collections.abc import AsyncIterator

import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import LayerError, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import eventually
from tests.support.layers.contract import numbered
from tests.support.layers.specified import Derived


@pytest.fixture
async def layer() -> AsyncIterator[Derived]:
    async with Derived(capacity=7) as layer:
        yield layer


async def test_messages_are_handed_on_in_their_order(layer: Derived) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    for message in numbered(1, 2, 3):
        await layer.send("a", message)
    await eventually(lambda: got == numbered(1, 2, 3))


async def test_a_receiver_that_fails_gets_the_next_one(layer: Derived) -> None:
    got: list[Message] = []

    def receive(message: Message) -> None:
        got.append(message)
        raise ValueError

    layer.attach("a", receive)
    for message in numbered(1, 2):
        await layer.send("a", message)
    await eventually(lambda: len(got) == 2)


async def test_the_last_receiver_counts(layer: Derived) -> None:
    first: list[Message] = []
    second: list[Message] = []
    layer.attach("a", first.append)
    layer.attach("a", second.append)
    await layer.send("a", numbered(1)[0])
    await eventually(lambda: second == numbered(1))
    assert first == []


async def test_a_server_that_was_away_is_asked_again(layer: Derived) -> None:
    layer.inside.failing = 2
    got: list[Message] = []
    layer.attach("a", got.append)
    await layer.send("a", numbered(1)[0])
    await eventually(lambda: got == numbered(1))


async def test_nothing_is_handed_on_after_the_end(layer: Derived) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    layer.detach("a")
    layer.detach("a")
    await layer.send("a", numbered(1)[0])
    assert await layer.receive("a") == numbered(1)[0]
    assert got == []


async def test_a_channel_that_ends_leaves_what_the_class_let_it_join(layer: Derived) -> None:
    for group in ("g", "h", "left"):
        await layer.group_add(group=group, channel="a")
    await layer.group_add("g", "b")
    await layer.group_discard("left", "a")
    await layer.group_discard("never", "a")
    layer.attach("a", print)
    layer.detach("a")
    await eventually(lambda: layer.inside.groups["g"] == {"b"} and not layer.inside.groups["h"])


async def test_a_class_that_is_derived_once_more_leaves_as_well(layer: Derived) -> None:
    class Counting(Derived):
        async def group_add(self, group: str, channel: str) -> None:
            await super().group_add(f"my-{group}", channel)

    assert inspect.iscoroutinefunction(Counting.group_add)
    async with Counting() as counting:
        await counting.group_add("g", "a")
        assert counting.inside.groups["my-g"] == {"a"}
        counting.detach("a")
        await eventually(lambda: not counting.inside.groups["my-g"])


async def test_a_consumer_leaves_its_groups_on_such_a_layer(layer: Derived) -> None:
    class Room(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            assert self.channel_layer is not None
            await self.channel_layer.group_add("room", self.channel_name)
            await self.accept()

    register_channel_layer("default", layer)
    try:
        async with WebsocketCommunicator(Room, "/") as client:
            assert (await client.connect())[0]
            assert len(layer.inside.groups["room"]) == 1
        await eventually(lambda: not layer.inside.groups["room"])
    finally:
        unregister_channel_layer("default")


async def test_close_ends_every_task(layer: Derived) -> None:
    before = asyncio.all_tasks()
    layer.attach("a", print)
    layer.attach("b", print)
    await layer.close_pools()
    await eventually(lambda: asyncio.all_tasks() <= before)


async def test_threads_send_through_the_loop_of_the_layer(layer: Derived) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    await layer.group_add("g", "a")
    await asyncio.to_thread(layer.send_sync, "a", numbered(1)[0])
    await asyncio.to_thread(layer.group_send_sync, "g", numbered(2)[0])
    await eventually(lambda: got == numbered(1, 2))


async def test_where_a_loop_runs_nothing_blocks_it(layer: Derived) -> None:
    with pytest.raises(LayerError, match="use send and group_send"):
        layer.send_sync("a", numbered(1)[0])


def test_a_program_without_a_loop_sends() -> None:
    layer = Derived()
    layer.send_sync("a", numbered(1)[0])
    assert layer.inside.queues["a"].qsize() == 1


async def test_what_such_a_layer_cannot_do_is_said(layer: Derived) -> None:
    for refused in (layer.flush(), layer.group_members("g")):
        with pytest.raises(LayerError, match="Derived"):
            await refused


async def test_such_a_layer_keeps_no_history() -> None:
    async with Derived(history={"g": {"entries": 5}}) as layer:
        with pytest.raises(LayerError, match="keeps no histories"):
            await layer.group_history("g")


def test_what_channels_gives_such_a_class_is_there() -> None:
    layer = Derived()
    layer.channel_capacity = layer.compile_capacities({"a*": 5})
    assert (layer.get_capacity("ab"), layer.get_capacity("b")) == (5, 100)
    assert layer.non_local_name("a!b") == "a!"
    assert layer.require_valid_channel_name("a!", receive=True)
    with pytest.raises(TypeError, match="must end at the !"):
        layer.require_valid_channel_name("a!b", receive=True)
