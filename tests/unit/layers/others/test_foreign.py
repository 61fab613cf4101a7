"""Layers of others under our consumers."""

import importlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import (
    ChannelFull,
    ForeignChannelLayer,
    LayerError,
    Message,
    get_channel_layer,
    register_channel_layer,
    unregister_channel_layer,
)
from tests.support.conditions import eventually
from tests.support.layers.contract import numbered
from tests.support.layers.specified import Derived, Foreign, Mute


def of_channels() -> Any:
    return importlib.import_module("channels.layers").InMemoryChannelLayer()


@pytest.fixture
async def layer() -> AsyncIterator[ForeignChannelLayer]:
    async with ForeignChannelLayer(Foreign()) as layer:
        yield layer


@pytest.fixture(params=[Foreign, Derived, of_channels], ids=["foreign", "derived", "channels"])
def registered(request: pytest.FixtureRequest) -> Iterator[None]:
    register_channel_layer("foreign test", request.param())
    yield
    unregister_channel_layer("foreign test")


class Room(AsyncWebsocketConsumer):
    channel_layer_alias = "foreign test"
    groups = ("room",)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert self.channel_layer is not None
        await self.channel_layer.group_send("room", {"type": "said", "text": text_data})

    async def said(self, event: Message) -> None:
        await self.send(event["text"])


@pytest.mark.usefixtures("registered")
async def test_consumers_talk_over_it() -> None:
    one, two = (WebsocketCommunicator(Room.as_asgi(), "/") for _ in range(2))
    for communicator in (one, two):
        assert (await communicator.connect())[0]
    await one.send_to("hello")
    assert await one.receive_from(60) == await two.receive_from(60) == "hello"
    await one.disconnect()
    await two.send_to("alone")
    assert await two.receive_from(60) == "alone"
    await two.disconnect()
    layer = get_channel_layer("foreign test")
    assert layer is not None
    await layer.close()


async def test_a_full_channel_is_our_error(layer: ForeignChannelLayer) -> None:
    for message in numbered(1, 2, 3):
        await layer.send("a", message)
    with pytest.raises(ChannelFull, match="a is full"):
        await layer.send("a", numbered(4)[0])


async def test_one_member_may_be_left_out(layer: ForeignChannelLayer) -> None:
    got: dict[str, list[Message]] = {"a": [], "b": []}
    for channel, into in got.items():
        layer.attach(channel, into.append)
        await layer.group_add("g", channel)
    await layer.group_send("g", numbered(1)[0], exclude="a")
    await layer.group_send("g", numbered(2)[0])
    await eventually(lambda: got == {"a": numbered(2), "b": numbered(1, 2)})


async def test_a_channel_that_ends_leaves_its_groups(layer: ForeignChannelLayer) -> None:
    layer.attach("a", print)
    await layer.group_add("g", "a")
    await layer.group_add("h", "a")
    await layer.group_discard("h", "a")
    layer.detach("a")
    await eventually(lambda: not any(layer.layer.inside.groups.values()))


async def test_it_is_emptied_and_ended_by_its_own_names() -> None:
    foreign = Foreign()
    layer = ForeignChannelLayer(foreign)
    await layer.send("a", numbered(1)[0])
    await layer.flush()
    assert not foreign.inside.queues
    await layer.close()
    assert foreign.inside.ended == "close_pools"


async def test_what_it_does_not_have_is_said() -> None:
    async with ForeignChannelLayer(Mute()) as layer:
        assert (await layer.new_channel("mine.")).startswith("mine.")
        for refused in (layer.group_add("g", "a"), layer.group_send("g", {"type": "t"})):
            with pytest.raises(LayerError, match="Mute has no groups"):
                await refused
        with pytest.raises(LayerError, match="cannot be flushed"):
            await layer.flush()


async def test_what_not_every_layer_can_carry_is_refused_here_too(layer: ForeignChannelLayer) -> None:
    with pytest.raises(TypeError):
        await layer.send("a", {"type": print})
    with pytest.raises(TypeError):
        await layer.group_send("g", {"type": print})


@pytest.mark.parametrize("layer", [{}, None, 5, object()])
def test_what_is_no_layer_is_refused(layer: Any) -> None:
    with pytest.raises(LayerError, match="it has no send, receive, new_channel"):
        ForeignChannelLayer(layer)
