"""Messages reach the handlers that a consumer declares, in order, and nothing else of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer, NoHandler, NotConnected, StopConsumer
from lanchat.consumers.scope import AsgiEvent
from lanchat.layers import (
    BaseChannelLayer,
    InMemoryChannelLayer,
    Message,
    channel_layers,
    register_channel_layer,
    unregister_channel_layer,
)
from tests.support.conditions import eventually
from tests.support.consumers.lives import handlers, living


class Listener(AsyncConsumer):
    """Writes down what it hears."""

    channel_layer_alias = "listening"

    def __init__(self, *, layers: Mapping[str, BaseChannelLayer] = channel_layers) -> None:
        super().__init__(layers=layers)
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
    async with listening() as listener:
        yield listener


@asynccontextmanager
async def listening(kind: type[Listener] = Listener) -> AsyncIterator[Listener]:
    listener = kind()
    async with living(listener):
        yield listener


def test_handlers_are_what_a_derived_class_declares_for_one_message() -> None:
    assert handlers(Listener) == {"chat_message", "chat_slow", "chat_broken", "chat_broken_later"}


def test_a_further_derived_class_adds_and_overrides() -> None:
    class Louder(Listener):
        def chat_message(self, message: Message) -> None:
            self.heard.append("LOUD")

        def chat_more(self, message: Message) -> None: ...

    assert handlers(Louder) == {*handlers(Listener), "chat_more"}


def test_what_a_base_class_declares_is_no_handler_even_when_overridden() -> None:
    class Mine(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None: ...

        async def accept(self, message: Message) -> None: ...  # type: ignore[override]

        async def room_message(self, event: Message) -> None: ...

    assert handlers(Mine) == {"room_message"}
    assert handlers(AsyncWebsocketConsumer) == set()


async def test_dots_count_as_underscores(listener: Listener, layer: InMemoryChannelLayer) -> None:
    await layer.send(listener.channel_name, {"type": "chat.message", "n": 1})
    await layer.send(listener.channel_name, {"type": "chat_message", "n": 2})
    assert listener.heard == [1, 2]


@pytest.mark.parametrize(
    "kind",
    [
        "close",
        "dispatch",
        "handler_failed",
        "websocket.disconnect",
        "_private",
        ".private",
        "__init__",
        "two_things",
        "no_thing",
        "loose",
        "channel_layer",
        "unhandled",
        "unknown",
        "",
        None,
        7,
    ],
)
async def test_a_type_without_a_handler_is_counted_and_harms_nobody(
    listener: Listener, layer: InMemoryChannelLayer, kind: object
) -> None:
    await layer.send(listener.channel_name, {"type": kind})
    assert listener.unhandled == 1
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


async def test_a_type_without_a_handler_is_logged_but_not_a_thousand_times(
    layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture
) -> None:
    class Deaf(Listener):
        pass

    async with listening(Deaf) as deaf:
        for _ in range(1000):
            await layer.send(deaf.channel_name, {"type": "unheard.of"})
        assert deaf.unhandled == 1000
    assert caplog.text.count("Deaf has no handler for messages of type 'unheard.of'") == 1


@pytest.mark.parametrize("kind", ["chat.broken", "chat.broken_later"])
async def test_a_handler_that_raises_hurts_nobody(
    listener: Listener, layer: InMemoryChannelLayer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening() as other:
        listener.gate.set()
        other.gate.set()
        for consumer in (listener, other):
            await layer.group_add("all", consumer.channel_name)
        await layer.group_send("all", {"type": kind})
        await layer.group_send("all", {"type": "chat.slow", "n": 1})
        await eventually(lambda: listener.heard == other.heard == [1])
    assert caplog.text.count("RuntimeError: broken") == 2


async def test_a_closed_channel_leaves_its_groups_and_ends_its_work(layer: InMemoryChannelLayer) -> None:
    listener = Listener()
    async with living(listener):
        await layer.group_add("all", listener.channel_name)
        await layer.group_send("all", {"type": "chat.slow", "n": 1})
        await layer.group_send("all", {"type": "chat.slow", "n": 2})
    listener.gate.set()
    assert layer.groups == {}
    await layer.group_send("all", {"type": "chat.message", "n": 3})
    await asyncio.sleep(0)
    assert listener.heard == []


async def test_without_a_layer_of_its_alias_a_consumer_has_no_channel() -> None:
    listener = Listener()
    assert listener.channel_layer is None
    async with living(listener):
        assert not hasattr(listener, "channel_name")


async def test_a_layer_may_be_given(layer: InMemoryChannelLayer) -> None:
    async with InMemoryChannelLayer() as other:
        assert AsyncConsumer(layers={"default": other}).channel_layer is other


# What is declared -----------------------------------------------------------------------------------------------------


def test_what_a_mixin_declares_is_a_handler_too() -> None:
    class Rooms:
        async def room_message(self, event: Message) -> None: ...

        def disconnect(self, code: int) -> None: ...

    class Mine(Rooms, AsyncWebsocketConsumer):  # type: ignore[misc]
        pass

    assert handlers(Mine) == {"room_message"}


def test_a_handler_can_be_taken_away() -> None:
    class Quiet(Listener):
        chat_message = None  # type: ignore[assignment]

    assert "chat_message" not in handlers(Quiet)


def test_events_of_the_connection_are_no_handlers() -> None:
    class Raw(AsyncConsumer):
        async def websocket_connect(self, event: Message) -> None: ...

        async def http_request(self, event: Message) -> None: ...

    assert handlers(Raw) == set()


# In turn, and too much ------------------------------------------------------------------------------------------------


async def test_in_turn_nothing_of_a_consumer_runs_beside_another(layer: InMemoryChannelLayer) -> None:
    class Orderly(Listener):
        in_turn = True

        async def websocket_receive(self, event: Message) -> None:
            self.heard.append("begin")
            await self.gate.wait()
            self.heard.append("end")

        def websocket_disconnect(self, event: Message) -> None:
            raise StopConsumer

    events: asyncio.Queue[AsgiEvent] = asyncio.Queue()
    orderly = Orderly()
    life = asyncio.create_task(orderly({"type": "websocket"}, events.get, _nowhere))
    events.put_nowait({"type": "websocket.receive"})
    await eventually(lambda: orderly.heard == ["begin"])
    await layer.send(orderly.channel_name, {"type": "chat.message", "n": 1})
    await asyncio.sleep(0)
    assert orderly.heard == ["begin"]
    orderly.gate.set()
    await eventually(lambda: orderly.heard == ["begin", "end", 1])
    events.put_nowait({"type": "websocket.disconnect"})
    await life


@pytest.mark.parametrize(
    ("overflow", "heard"), [("drop_newest", [0, 1, 2, 3]), ("drop_oldest", [0, 5, 6, 7]), ("disconnect", [0, 1, 2, 3])]
)
async def test_what_waits_behind_a_handler_is_bounded(overflow: str, heard: list[int]) -> None:
    async with InMemoryChannelLayer(capacity=3, overflow=overflow) as narrow:
        listener = Listener(layers={"listening": narrow})
        async with living(listener) as life:
            await narrow.send(listener.channel_name, {"type": "chat.slow", "n": 0})
            await eventually(lambda: life.busy)
            for number in range(1, 8):
                await narrow.send(listener.channel_name, {"type": "chat.slow", "n": number})
            listener.gate.set()
            await eventually(lambda: listener.heard == heard)
            assert narrow.statistics().dropped == 4


async def test_a_burst_for_a_quick_handler_is_not_too_much(listener: Listener, layer: InMemoryChannelLayer) -> None:
    listener.gate.set()
    for number in range(1000):
        await layer.send(listener.channel_name, {"type": "chat.slow", "n": number})
    await eventually(lambda: listener.heard == list(range(1000)))
    assert layer.statistics().dropped == 0


# As an ASGI app -------------------------------------------------------------------------------------------------------


async def _nowhere(event: AsgiEvent) -> None:
    """Where a server would take what a consumer sends."""


async def test_the_events_of_a_connection_reach_their_handlers_until_one_stops() -> None:
    sent: list[AsgiEvent] = []

    class Raw(AsyncConsumer):
        async def websocket_connect(self, event: Message) -> None:
            await self.send({"type": "websocket.accept"})

        def websocket_disconnect(self, event: Message) -> None:
            raise StopConsumer

    async def send(event: AsgiEvent) -> None:
        sent.append(event)

    events = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect"}])

    async def receive() -> AsgiEvent:
        return next(events)

    app = Raw.as_asgi()
    assert (app.consumer_class, app.__name__) == (Raw, "Raw")
    await app({"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.accept"}]


async def test_an_event_without_a_handler_ends_the_consumer_and_its_channel(layer: InMemoryChannelLayer) -> None:
    async def receive() -> AsgiEvent:
        return {"type": "websocket.connect"}

    class Raw(Listener):
        async def dispatch(self, message: Message) -> None:
            await layer.group_add("all", self.channel_name)
            await super().dispatch(message)

    with pytest.raises(NoHandler, match=r"Raw has no handler for messages of type 'websocket\.connect'"):
        await Raw()({"type": "websocket"}, receive, _nowhere)
    assert (layer.groups, layer.channels) == ({}, {})


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_client_that_leaves_ends_a_consumer_that_does_not_ask_when(kind: str) -> None:
    async def receive() -> AsgiEvent:
        return {"type": f"{kind}.disconnect"}

    class Raw(AsyncConsumer):
        channel_layer_alias = None

    await Raw()({"type": kind}, receive, _nowhere)


async def test_without_a_connection_nothing_can_be_sent() -> None:
    with pytest.raises(NotConnected, match="no connection"):
        await AsyncConsumer().send({})
