"""A consumer on a WebSocket: what it may override, and what it need not know."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import eventually


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", layer)
        yield layer
        unregister_channel_layer("default")


async def test_dispatch_sees_everything_and_may_change_it(layer: InMemoryChannelLayer) -> None:
    class Watched(AsyncWebsocketConsumer):
        groups = ("all",)

        async def dispatch(self, message: Message) -> None:
            seen.append(message["type"])
            if message.get("text") == "secret":
                message = {**message, "text": "***"}
            await super().dispatch(message)

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.send(text_data)

        async def room_message(self, event: Message) -> None:
            await self.send(event["text"])

    seen: list[str] = []
    client = WebsocketCommunicator(Watched, "/")
    await client.connect()
    await client.send_to("secret")
    assert await client.receive_from() == "***"
    await layer.group_send("all", {"type": "room.message", "text": "hello"})
    assert await client.receive_from() == "hello"
    await client.disconnect()
    assert seen == ["websocket.connect", "websocket.receive", "room.message", "websocket.disconnect"]


async def test_an_overridden_dispatch_gets_no_event_of_the_connection_from_a_layer(layer: InMemoryChannelLayer) -> None:
    class Watched(AsyncWebsocketConsumer):
        groups = ("all",)

        async def dispatch(self, message: Message) -> None:
            seen.append(message["type"])
            await super().dispatch(message)

    seen: list[object] = []
    watched = Watched()
    async with WebsocketCommunicator(watched, "/") as client:
        await client.connect()
        await layer.group_send("all", {"type": "websocket.disconnect", "code": 1000})
        await layer.group_send("all", {"type": "no.such.thing"})
        await eventually(lambda: watched.unhandled == 2)
        assert seen == ["websocket.connect", "no.such.thing"]


async def test_whoever_still_waits_when_the_client_leaves_is_waited_for() -> None:
    class Waiting(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            begun.set()
            await awaited.wait()
            ended.append("receive")

        async def disconnect(self, code: int) -> None:
            ended.append("disconnect")

    begun, awaited, ended = asyncio.Event(), asyncio.Event(), list[str]()
    client = WebsocketCommunicator(Waiting, "/")
    await client.connect()
    await client.send_to("hello")
    await begun.wait()
    leaving = asyncio.create_task(client.disconnect())
    for _ in range(10):
        await asyncio.sleep(0)
    assert ended == []
    awaited.set()
    await leaving
    assert ended == ["receive", "disconnect"]


async def test_each_event_of_the_connection_may_be_overridden_and_handed_on() -> None:
    class Watched(AsyncWebsocketConsumer):
        async def websocket_connect(self, message: Message) -> None:
            seen.append(message)
            await super().websocket_connect(message)

        async def websocket_receive(self, message: Message) -> None:
            seen.append(message)
            await super().websocket_receive(message)

        async def websocket_disconnect(self, message: Message) -> None:
            seen.append(message)
            await super().websocket_disconnect(message)
            raise AssertionError("StopConsumer was raised")

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.send(text_data, bytes_data)

    seen: list[Message] = []
    client = WebsocketCommunicator(Watched, "/")
    await client.connect()
    await client.send_to("x")
    assert await client.receive_from() == "x"
    await client.send_to(bytes_data=b"y")
    assert await client.receive_from() == b"y"
    await client.disconnect(code=4001)
    assert seen == [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "x", "bytes": None},
        {"type": "websocket.receive", "text": None, "bytes": b"y"},
        {"type": "websocket.disconnect", "code": 4001},
    ]


async def test_events_may_be_sent_as_they_are() -> None:
    class Raw(AsyncWebsocketConsumer):
        async def websocket_connect(self, message: Message) -> None:
            await self.base_send({"type": "websocket.accept", "subprotocol": "chat"})
            await self.base_send({"type": "websocket.send", "text": "one"})
            await self.base_send({"type": "websocket.send", "bytes": b"two"})
            with pytest.raises(ValueError, match=r"'http\.response\.body' has no place here"):
                await self.base_send({"type": "http.response.body"})
            await self.base_send({"type": "websocket.close", "code": 4000})

    async with WebsocketCommunicator(Raw, "/") as client:
        assert await client.connect() == (True, "chat")
        assert [await client.receive_from(), await client.receive_from()] == ["one", b"two"]
        assert await client.receive_output() == {"type": "websocket.close", "code": 4000}


INTERNALS = ("listen", "run", "failed", "drain", "open_channel", "close_channel", "handlers", "wait_for")
PRIVATE = ("_send", "_close", "_turn", "_inbox", "_handlers", "_life", "_accept", "_begin")


async def test_what_a_user_calls_something_shadows_nothing(layer: InMemoryChannelLayer) -> None:
    async def take(self: Any, event: Message) -> None:
        await self.send(event["type"])

    def forbid(*_: object) -> None:
        raise AssertionError("called by the library")

    members: dict[str, Any] = {**dict.fromkeys(INTERNALS, take), **dict.fromkeys(PRIVATE, forbid)}
    shown = {"socket": "mine", "unhandled": "mine", "groups": ("all",)}
    mine = type("Mine", (AsyncWebsocketConsumer,), {**members, **shown})
    async with WebsocketCommunicator(mine, "/") as client:
        assert await client.connect() == (True, None)
        for name in INTERNALS:
            await layer.group_send("all", {"type": name})
            assert await client.receive_from() == name


async def test_a_class_that_does_not_call_init_of_its_base_works_too(layer: InMemoryChannelLayer) -> None:
    class Careless(AsyncWebsocketConsumer):
        groups = ("all",)

        def __init__(self, word: str) -> None:
            self.word = word

        async def room_message(self, event: Message) -> None:
            await self.send(self.word)

    async with WebsocketCommunicator(Careless.as_asgi(word="hello"), "/") as client:
        await client.connect()
        await layer.group_send("all", {"type": "room.message"})
        assert await client.receive_from() == "hello"


async def test_arguments_that_nobody_takes_notice_of_are_passed_over() -> None:
    app = AsyncWebsocketConsumer.as_asgi(foo=1)
    assert app.consumer_initkwargs == {"foo": 1}
    async with WebsocketCommunicator(app, "/") as client:
        assert await client.connect() == (True, None)
