"""The life of a WebSocket consumer, on a socket that a test holds in its hand."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Self

import pytest

from lanchat.consumers import AcceptConnection, AsyncWebsocketConsumer, DenyConnection, StopConsumer
from lanchat.consumers.errors import ClientGone
from lanchat.consumers.scope import AsgiEvent, Scope
from lanchat.layers import (
    InMemoryChannelLayer,
    LayerUnreachable,
    Message,
    register_channel_layer,
    unregister_channel_layer,
)
from tests.support.conditions import eventually
from tests.support.consumers.lives import run


class Socket:
    """A socket whose client sends `messages` and leaves; what the consumer does is written down."""

    congested = False

    async def drained(self) -> None:
        raise AssertionError("nobody waits for this reader")

    def __init__(self, *messages: str | bytes, code: int = 1001) -> None:
        self.messages: Iterator[str | bytes] = iter(messages)
        self.scope: Scope = {"path": "/x"}
        self.done: list[object] = []
        self.peer = ""
        self.accepted = False
        self.gone = False
        self.close_code = code

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        if self.gone:
            raise ClientGone
        self.accepted = True
        self.done.append(("accept", subprotocol, tuple(headers)))

    async def receive(self) -> str | bytes | None:
        return next(self.messages, None)

    def send_text(self, payload: str | bytes) -> None:
        self.done.append(payload)

    def send_bytes(self, payload: bytes) -> None:
        self.done.append(payload)

    def write(self, frames: bytes) -> None:
        raise AssertionError("not used here")

    push = write

    @property
    def frames(self) -> Self:
        return self

    async def close(self, code: int, reason: str) -> None:
        self.done.append(("close", code, reason))
        self.messages = iter(())


ACCEPT = ("accept", None, ())


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", layer)
        yield layer
        unregister_channel_layer("default")


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data, bytes_data)

    async def disconnect(self, code: int) -> None:
        await self.send(f"gone with {code}")


async def test_a_connection_is_accepted_received_from_and_disconnected() -> None:
    socket = Socket("one", b"two", "")
    echo = Echo()
    await run(echo, socket)
    assert socket.done == [ACCEPT, "one", b"two", "", "gone with 1001"]
    assert echo.scope is socket.scope


async def test_a_consumer_that_overrides_nothing_accepts_and_listens() -> None:
    socket = Socket("one", b"two")
    await run(AsyncWebsocketConsumer(), socket)
    assert socket.done == [ACCEPT]


async def test_accept_takes_a_subprotocol_and_headers() -> None:
    class Chooser(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept(subprotocol="chat", headers=[("X-Room", "general"), (b"X-Raw", b"1")])

    socket = Socket()
    await run(Chooser(), socket)
    assert socket.done == [("accept", "chat", (("X-Room", "general"), ("X-Raw", "1")))]


async def test_connect_may_raise_to_accept_or_to_deny() -> None:
    class Raiser(AsyncWebsocketConsumer):
        raises: type[Exception]

        async def connect(self) -> None:
            raise self.raises

        async def disconnect(self, code: int) -> None:
            await self.send("bye")

    socket = Socket()
    Raiser.raises = AcceptConnection
    await run(Raiser(), socket)
    assert socket.done == [ACCEPT, "bye"]
    socket = Socket("never read")
    Raiser.raises = DenyConnection
    await run(Raiser(), socket)
    assert socket.done == [("close", 1000, "")]


async def test_send_wants_something_and_may_close() -> None:
    class Sender(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            with pytest.raises(ValueError, match="text_data or bytes_data"):
                await self.send()
            await self.send("last", close=True)
            await self.send("coded", close=4000)
            await self.send("not closed", close=False)

    socket = Socket()
    await run(Sender(), socket)
    assert socket.done == [ACCEPT, "last", ("close", 1000, ""), "coded", ("close", 4000, ""), "not closed"]


async def test_groups_are_joined_before_connect_and_left_at_the_end(layer: InMemoryChannelLayer) -> None:
    class Member(AsyncWebsocketConsumer):
        groups = ("news", "weather")

        async def connect(self) -> None:
            await self.accept()
            assert set(layer.groups) == {"news", "weather"}
            await layer.group_send("news", {"type": "news.item", "text": "soup"})

        def news_item(self, message: Message) -> None:
            self.socket.send_text(message["text"])

        async def disconnect(self, code: int) -> None:
            await layer.group_send("news", {"type": "news.item", "text": "still here"})

    socket = Socket()
    await run(Member(), socket)
    assert socket.done == [ACCEPT, "soup", "still here"]
    assert layer.groups == {}
    assert layer.channels == {}


async def test_groups_without_a_layer_are_an_error_that_says_so(caplog: pytest.LogCaptureFixture) -> None:
    class Member(AsyncWebsocketConsumer):
        groups = ("news",)

    socket = Socket()
    await run(Member(), socket)
    assert socket.done == [("close", 1011, "")]
    assert "Member has groups, but no layer is called 'default'" in caplog.text


@pytest.mark.parametrize("place", ["connect", "receive", "disconnect"])
async def test_whatever_fails_is_logged_and_everything_is_left(
    layer: InMemoryChannelLayer, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Clumsy(AsyncWebsocketConsumer):
        groups = ("news",)

        async def connect(self) -> None:
            await self.accept()
            self.fall("connect")

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            self.fall("receive")

        async def disconnect(self, code: int) -> None:
            await self.send("disconnected")
            self.fall("disconnect")

        def fall(self, where: str) -> None:
            if where == place:
                raise RuntimeError(where)

    socket = Socket("x")
    await run(Clumsy(), socket)
    close = ("close", 1011, "")
    assert socket.done == [ACCEPT, *(["disconnected", close] if place == "disconnect" else [close, "disconnected"])]
    assert (layer.groups, layer.channels) == ({}, {})
    assert f"RuntimeError: {place}" in caplog.text


async def test_a_layer_that_cannot_be_reached_asks_the_client_to_come_back(caplog: pytest.LogCaptureFixture) -> None:
    class Unlucky(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            raise LayerUnreachable("Redis is away.")

    socket = Socket("x")
    await run(Unlucky(), socket)
    assert socket.done == [ACCEPT, ("close", 1013, "")]
    assert "Redis is away." in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_client_that_leaves_during_the_handshake_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    socket = Socket("never read")
    socket.gone = True
    await run(Echo(), socket)
    assert socket.done == []
    assert caplog.records == []


async def test_a_handler_may_stop_the_consumer() -> None:
    class Brief(Echo):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            raise StopConsumer

    socket = Socket("x", "never read")
    await run(Brief(), socket)
    assert socket.done == [ACCEPT, ("close", 1000, ""), "gone with 1001"]


async def test_messages_wait_until_the_connection_is_accepted(layer: InMemoryChannelLayer) -> None:
    class Member(AsyncWebsocketConsumer):
        groups = ("news",)

        async def connect(self) -> None:
            await layer.group_send("news", {"type": "news.item", "text": "early"})
            await asyncio.sleep(0)
            await self.accept()

        def news_item(self, message: Message) -> None:
            self.socket.send_text(message["text"])

    socket = Socket()
    await run(Member(), socket)
    assert socket.done == [ACCEPT, "early"]


async def test_a_cancelled_connection_is_disconnected_too(layer: InMemoryChannelLayer) -> None:
    gone: list[int] = []

    class Waiter(AsyncWebsocketConsumer):
        groups = ("news",)

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await asyncio.Event().wait()

        async def disconnect(self, code: int) -> None:
            await asyncio.sleep(0)
            gone.append(code)

    waiter = Waiter()
    life = asyncio.create_task(run(waiter, Socket("x", code=1006)))
    await eventually(lambda: layer.groups)
    life.cancel()
    with pytest.raises(asyncio.CancelledError):
        await life
    assert gone == [1006]
    assert (layer.groups, layer.channels) == ({}, {})


async def test_who_falls_behind_is_disconnected_when_the_layer_says_so() -> None:
    class Slow(AsyncWebsocketConsumer):
        groups = ("news",)

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            for _ in range(10):
                await narrow.group_send("news", {"type": "news.item"})
                await asyncio.sleep(0)
            await eventually(lambda: len(socket.done) > 1)

        async def news_item(self, message: Message) -> None:
            await asyncio.Event().wait()

    async with InMemoryChannelLayer(capacity=3, overflow="disconnect") as narrow:
        socket = Socket("x")
        await run(Slow(layers={"default": narrow}), socket)
        assert socket.done == [ACCEPT, ("close", 1013, "too slow")]


async def test_another_kind_of_connection_is_refused() -> None:
    async def never() -> AsgiEvent:
        raise AssertionError("nothing is read")

    async def nowhere(event: AsgiEvent) -> None:
        raise AssertionError("nothing is sent")

    with pytest.raises(ValueError, match="for WebSocket connections, not for 'lifespan'"):
        await Echo()({"type": "lifespan"}, never, nowhere)
