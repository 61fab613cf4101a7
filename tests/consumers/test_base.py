"""Messages reach the handlers that a consumer declares, in order, and nothing else of it."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.conditions import eventually


class Listener(AsyncConsumer):
    """Writes down what it hears."""

    channel_layer_alias = "listening"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.gate = asyncio.Event()

    def chat_message(self, message: Message) -> None:
        self.heard.append(message["n"])

    async def chat_slow(self, message: Message) -> None:
        await self.gate.wait()
        self.heard.append(message["n"])

    def chat_broken(self, message: Message) -> None:
        raise RuntimeError("broken")

    async def chat_broken_later(self, message: Message) -> None:
        raise RuntimeError("broken later")

    def two_things(self, one: Message, two: Message) -> None:
        raise AssertionError("not a handler")

    def no_thing(self) -> None:
        raise AssertionError("not a handler")

    def _private(self, message: Message) -> None:
        raise AssertionError("not a handler")

    @staticmethod
    def loose(message: Message) -> None:
        raise AssertionError("not a handler")


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("listening", layer)
        yield layer
        unregister_channel_layer("listening")


@pytest.fixture
async def listener(layer: InMemoryChannelLayer) -> AsyncIterator[Listener]:
    listener = Listener()
    await listener.open_channel()
    yield listener
    await listener.close_channel()


def test_handlers_are_what_a_derived_class_declares_for_one_message() -> None:
    assert set(Listener.handlers) == {"chat_message", "chat_slow", "chat_broken", "chat_broken_later"}


def test_a_further_derived_class_adds_and_overrides() -> None:
    class Louder(Listener):
        def chat_message(self, message: Message) -> None:
            self.heard.append("LOUD")

        def chat_more(self, message: Message) -> None: ...

    assert set(Louder.handlers) == {*Listener.handlers, "chat_more"}
    assert Louder.handlers["chat_message"] is not Listener.handlers["chat_message"]


def test_what_a_base_class_declares_is_no_handler_even_when_overridden() -> None:
    class Mine(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None: ...

        async def accept(self, message: Message) -> None: ...  # type: ignore[override]

        async def room_message(self, event: Message) -> None: ...

    assert set(Mine.handlers) == {"room_message"}
    assert AsyncWebsocketConsumer.handlers == {}


async def test_dots_count_as_underscores(listener: Listener, layer: InMemoryChannelLayer) -> None:
    await layer.send(listener.channel_name, {"type": "chat.message", "n": 1})
    await layer.send(listener.channel_name, {"type": "chat_message", "n": 2})
    assert listener.heard == [1, 2]


@pytest.mark.parametrize(
    "kind",
    [
        "close",
        "dispatch",
        "close_channel",
        "websocket.disconnect",
        "_private",
        ".private",
        "__init__",
        "two_things",
        "no_thing",
        "loose",
        "channel_layer",
        "handlers",
        "unknown",
        "",
        None,
        7,
    ],
)
async def test_a_type_without_a_handler_is_counted_and_harms_nobody(
    listener: Listener, layer: InMemoryChannelLayer, kind: object, caplog: pytest.LogCaptureFixture
) -> None:
    await layer.send(listener.channel_name, {"type": kind})
    assert listener.unhandled == 1
    assert "no handler" in caplog.text
    await layer.send(listener.channel_name, {"type": "chat.message", "n": 1})
    assert listener.heard == [1]


async def test_a_message_without_a_type_is_counted(listener: Listener, layer: InMemoryChannelLayer) -> None:
    await layer.send(listener.channel_name, {})
    assert listener.unhandled == 1


async def test_waiting_handlers_run_in_the_order_of_arrival(listener: Listener, layer: InMemoryChannelLayer) -> None:
    for number in range(5):
        await layer.send(listener.channel_name, {"type": "chat.slow", "n": number})
    await layer.send(listener.channel_name, {"type": "chat.message", "n": "at once"})
    assert listener.heard == ["at once"]
    listener.gate.set()
    await eventually(lambda: listener.heard == ["at once", 0, 1, 2, 3, 4])
    await layer.send(listener.channel_name, {"type": "chat.slow", "n": 5})
    await eventually(lambda: listener.heard[-1] == 5)


@pytest.mark.parametrize("kind", ["chat.broken", "chat.broken_later"])
async def test_a_handler_that_raises_hurts_nobody(
    listener: Listener, layer: InMemoryChannelLayer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = Listener()
    await other.open_channel()
    listener.gate.set()
    for consumer in (listener, other):
        await layer.group_add("all", consumer.channel_name)
    with caplog.at_level(logging.ERROR):
        await layer.group_send("all", {"type": kind})
        await layer.group_send("all", {"type": "chat.slow", "n": 1})
        other.gate.set()
        await eventually(lambda: listener.heard == other.heard == [1])
    assert caplog.text.count("RuntimeError: broken") == 2
    await other.close_channel()


async def test_a_closed_channel_leaves_its_groups_and_ends_its_work(layer: InMemoryChannelLayer) -> None:
    listener = Listener()
    await listener.open_channel()
    await layer.group_add("all", listener.channel_name)
    await layer.group_send("all", {"type": "chat.slow", "n": 1})
    await layer.group_send("all", {"type": "chat.slow", "n": 2})
    await listener.close_channel()
    listener.gate.set()
    assert layer.groups == {}
    await layer.group_send("all", {"type": "chat.message", "n": 3})
    await asyncio.sleep(0)
    assert listener.heard == []


async def test_without_a_layer_of_its_alias_a_consumer_has_no_channel() -> None:
    listener = Listener()
    assert listener.channel_layer is None
    await listener.open_channel()
    assert not hasattr(listener, "channel_name")
    await listener.close_channel()
