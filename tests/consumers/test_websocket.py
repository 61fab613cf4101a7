"""The life of a WebSocket consumer, on a socket that a test holds in its hand."""

from collections.abc import AsyncIterator, Sequence

import pytest

from lanchat.consumers import AcceptConnection, AsyncWebsocketConsumer, DenyConnection
from lanchat.errors import LayerError
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer


class Socket:
    """A socket whose client sends `messages` and leaves; what the consumer does is written down."""

    def __init__(self, *messages: str | bytes, code: int = 1001) -> None:
        self.messages = messages
        self.done: list[object] = []
        self.accepted = False
        self.close_code = code

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        self.accepted = True
        self.done.append(("accept", subprotocol, tuple(headers)))

    def send_text(self, payload: bytes) -> None:
        self.done.append(payload.decode())

    def send_bytes(self, payload: bytes) -> None:
        self.done.append(payload)

    def write(self, frames: bytes) -> None:
        raise AssertionError("not used here")

    async def close(self, code: int, reason: str) -> None:
        self.done.append(("close", code, reason))

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        for message in self.messages:
            yield message


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
    await echo.run({"path": "/x"}, socket)
    assert socket.done == [ACCEPT, "one", b"two", "", "gone with 1001"]
    assert echo.scope == {"path": "/x"}


async def test_a_consumer_that_overrides_nothing_accepts_and_listens() -> None:
    socket = Socket("one", b"two")
    await AsyncWebsocketConsumer().run({}, socket)
    assert socket.done == [ACCEPT]


async def test_accept_takes_a_subprotocol_and_headers() -> None:
    class Chooser(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept(subprotocol="chat", headers=[("X-Room", "general")])

    socket = Socket()
    await Chooser().run({}, socket)
    assert socket.done == [("accept", "chat", (("X-Room", "general"),))]


async def test_connect_may_raise_to_accept_or_to_deny() -> None:
    class Raiser(AsyncWebsocketConsumer):
        raises: type[Exception]

        async def connect(self) -> None:
            raise self.raises

        async def disconnect(self, code: int) -> None:
            await self.send("bye")

    socket = Socket()
    Raiser.raises = AcceptConnection
    await Raiser().run({}, socket)
    assert socket.done == [ACCEPT, "bye"]
    socket = Socket("never read")
    Raiser.raises = DenyConnection
    await Raiser().run({}, socket)
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
    await Sender().run({}, socket)
    assert socket.done == [ACCEPT, "last", ("close", 1000, ""), "coded", ("close", 4000, ""), "not closed"]


async def test_groups_are_joined_before_connect_and_left_at_the_end(layer: InMemoryChannelLayer) -> None:
    class Member(AsyncWebsocketConsumer):
        groups = ("news", "weather")

        async def connect(self) -> None:
            await self.accept()
            assert set(layer.groups) == {"news", "weather"}
            await layer.group_send("news", {"type": "news.item", "text": "soup"})

        def news_item(self, message: Message) -> None:
            self.socket.send_text(message["text"].encode())

        async def disconnect(self, code: int) -> None:
            await layer.group_send("news", {"type": "news.item", "text": "still here"})

    socket = Socket()
    await Member().run({}, socket)
    assert socket.done == [ACCEPT, "soup", "still here"]
    assert layer.groups == {}
    assert layer._receivers == {}


async def test_groups_without_a_layer_are_an_error_that_says_so() -> None:
    class Member(AsyncWebsocketConsumer):
        groups = ("news",)

    with pytest.raises(LayerError, match="Member has groups, but no layer is called 'default'"):
        await Member().run({}, Socket())


@pytest.mark.parametrize("place", ["connect", "receive", "disconnect"])
async def test_whatever_fails_everything_is_left(layer: InMemoryChannelLayer, place: str) -> None:
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
    with pytest.raises(RuntimeError, match=place):
        await Clumsy().run({}, socket)
    assert socket.done == [ACCEPT, "disconnected"]
    assert (layer.groups, layer._receivers) == ({}, {})
