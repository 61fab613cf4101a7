"""What a consumer lives by: its handlers of all kinds, and what ends it."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer, HandlerCancelled, StopConsumer
from lanchat.consumers.scope import AsgiEvent
from lanchat.consumers.testing import ApplicationCommunicator, WebsocketCommunicator
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import eventually
from tests.support.consumers.lives import living


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", layer)
        yield layer
        unregister_channel_layer("default")


# Handlers that fail ---------------------------------------------------------------------------------------------------


class Failing(AsyncConsumer):
    """Fails in one handler, in one way or the other, and reports that as it may."""

    def __init__(self) -> None:
        super().__init__()
        self.met: list[object] = []

    async def fail(self, event: Message) -> None:
        if event["how"] == "cancelled":
            awaited = asyncio.get_running_loop().create_future()
            awaited.cancel()
            await awaited
        raise ValueError(event["how"])

    async def go_on(self, event: Message) -> None:
        self.met.append("went on")

    def handler_failed(self, error: Exception, where: str) -> None:
        self.met.append(type(error))
        if str(error) == "badly":
            raise RuntimeError("it was not reported")


@pytest.mark.parametrize(
    ("how", "error"), [("cancelled", HandlerCancelled), ("plainly", ValueError), ("badly", ValueError)]
)
async def test_what_waits_behind_a_handler_that_fails_is_handled(
    layer: InMemoryChannelLayer, how: str, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    consumer = Failing()
    async with living(consumer):
        for message in ({"type": "fail", "how": how}, {"type": "go_on"}):
            await layer.send(consumer.channel_name, message)
        await eventually(lambda: consumer.met == [error, "went on"])
    assert ("it was not reported" in caplog.text) == (how == "badly")


async def test_a_consumer_that_ends_cancels_its_handler_and_reports_nothing(layer: InMemoryChannelLayer) -> None:
    ended: list[str] = []

    class Waiting(Failing):
        async def wait(self, event: Message) -> None:
            self.met.append("waits")
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("here")

    consumer = Waiting()
    async with living(consumer):
        await layer.send(consumer.channel_name, {"type": "wait"})
        await eventually(lambda: consumer.met)
    assert (ended, consumer.met) == (["here"], ["waits"])


# Handlers of all kinds ------------------------------------------------------------------------------------------------


def forgetful(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate, and forget what was decorated."""

    def call(*arguments: object, **named: object) -> Any:
        return function(*arguments, **named)

    return call


def with_a_name(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate, and add an argument."""

    @functools.wraps(function)
    async def call(self: object, event: Message) -> None:
        await function(self, event, "Ada")

    return call


class Everything(AsyncConsumer):
    """Has handlers of many kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    async def with_more(self, event: Message, **more: object) -> None:
        self.heard.append("with_more")

    def with_default(self, event: Message, other: object = None) -> None:
        self.heard.append("with_default")

    @forgetful
    async def undressed(self, event: Message) -> None:
        self.heard.append("undressed")

    @forgetful
    def undressed_plain(self, event: Message) -> None:
        self.heard.append("undressed_plain")

    @with_a_name
    async def named(self, event: Message, name: str) -> None:
        self.heard.append(name)

    def gives_something_to_await(self, event: Message) -> Any:
        return self._later()

    async def _later(self) -> None:
        self.heard.append("gives_something_to_await")

    async def _for(self, who: str, event: Message) -> None:
        self.heard.append(who)

    part = functools.partialmethod(_for, "part")

    def wants_two(self, one: object, two: object) -> None:
        raise AssertionError("not a handler")


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("with.more", "with_more"),
        ("with.default", "with_default"),
        ("undressed", "undressed"),
        ("undressed.plain", "undressed_plain"),
        ("named", "Ada"),
        ("gives.something.to.await", "gives_something_to_await"),
        ("part", "part"),
    ],
)
async def test_what_can_be_called_with_one_message_is_a_handler(
    layer: InMemoryChannelLayer, kind: str, heard: str
) -> None:
    everything = Everything()
    async with living(everything) as life:
        await layer.send(everything.channel_name, {"type": kind})
        await eventually(lambda: everything.heard == [heard])
        await life.dispatch({"type": kind})
        assert everything.heard == [heard, heard]
        assert life.unhandled == 0


async def test_a_handler_in_threads_is_found(layer: InMemoryChannelLayer) -> None:
    from asgiref.sync import sync_to_async

    class Threaded(AsyncConsumer):
        heard = ""

        @sync_to_async
        def room_message(self, event: Message) -> None:
            self.heard = event["text"]

    threaded = Threaded()
    async with living(threaded):
        await layer.send(threaded.channel_name, {"type": "room.message", "text": "hello"})
        await eventually(lambda: threaded.heard == "hello")


async def test_what_cannot_be_called_with_one_message_is_none(layer: InMemoryChannelLayer) -> None:
    everything = Everything()
    async with living(everything) as life:
        await layer.send(everything.channel_name, {"type": "wants.two"})
        assert life.unhandled == 1


# The end --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True])
async def test_a_handler_of_the_layer_may_stop_the_consumer(layer: InMemoryChannelLayer, plain: bool) -> None:
    def stop(self: object, event: Message) -> None:
        raise StopConsumer

    async def stop_later(self: object, event: Message) -> None:
        raise StopConsumer

    raw = type("Raw", (AsyncConsumer,), {"room_over": stop if plain else stop_later})
    kind = type("Kind", (AsyncWebsocketConsumer,), {"room_over": stop if plain else stop_later, "groups": ("all",)})
    consumer = raw()
    bare = ApplicationCommunicator(consumer, {"type": "websocket"})
    waiting = asyncio.create_task(bare.wait(timeout=60))
    client = WebsocketCommunicator(kind, "/")
    await client.connect()
    await eventually(lambda: getattr(consumer, "channel_name", None) in layer.channels)
    await layer.send(consumer.channel_name, {"type": "room.over"})
    await layer.group_send("all", {"type": "room.over"})
    await waiting
    assert await client.receive_output() == {"type": "websocket.close", "code": 1000}
    await client.wait()
    assert (layer.groups, layer.channels) == ({}, {})


async def test_what_an_event_raises_closes_a_raw_websocket() -> None:
    class Clumsy(AsyncConsumer):
        async def websocket_connect(self, event: AsgiEvent) -> None:
            await self.send({"type": "websocket.accept"})

        async def websocket_receive(self, event: AsgiEvent) -> None:
            raise RuntimeError("fell")

    client = WebsocketCommunicator(Clumsy, "/")
    await client.connect()
    await client.send_to("x")
    with pytest.raises(RuntimeError, match="fell"):
        await client.wait()
    assert await client.receive_output() == {"type": "websocket.close", "code": 1011}
