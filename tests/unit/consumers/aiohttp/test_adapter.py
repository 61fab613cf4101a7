"""Consumers behind a real aiohttp server: the tutorial's room chat, the scope, refusals, and the end of the app."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lanchat.consumers import AsyncConsumer, AsyncWebsocketConsumer, StopConsumer
from lanchat.consumers.aiohttp.adapter import add_consumers
from lanchat.consumers.aiohttp.open_sockets import OPEN_SOCKETS
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import eventually
from tests.support.consumers.servers import serving


class RoomChatConsumer(AsyncWebsocketConsumer):
    """The room chat of the Fast Channels tutorial, as its pages describe it."""

    channel_layer_alias = "chat"

    async def connect(self) -> None:
        self.room_name = self.scope["path_params"]["room_name"]
        self.room_group_name = f"room_{self.room_name}"
        await self.accept()
        assert self.channel_layer is not None
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "room_message", "message": f"🚪 Someone joined room '{self.room_name}'"}
        )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert self.channel_layer is not None
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "room_message", "message": f"💬 {text_data}"}
        )

    async def disconnect(self, code: int) -> None:
        assert self.channel_layer is not None
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "room_message", "message": f"👋 Someone left room '{self.room_name}'"}
        )

    async def room_message(self, event: Message) -> None:
        await self.send(text_data=event["message"])


@pytest.fixture
async def chat() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("chat", layer)
        yield layer
        unregister_channel_layer("chat")


async def test_the_tutorials_room_chat_runs(chat: InMemoryChannelLayer) -> None:
    async with serving(RoomChatConsumer, "/ws/room/{room_name}") as (at, _):
        async with connect(f"ws://{at}/ws/room/general") as ada:
            assert await ada.recv() == "🚪 Someone joined room 'general'"
            async with connect(f"ws://{at}/ws/room/general") as bob, connect(f"ws://{at}/ws/room/other") as eve:
                assert await ada.recv() == await bob.recv() == "🚪 Someone joined room 'general'"
                assert await eve.recv() == "🚪 Someone joined room 'other'"
                await bob.send("hello")
                assert await ada.recv() == await bob.recv() == "💬 hello"
            assert await ada.recv() == "👋 Someone left room 'general'"
            await ada.send("alone")
            assert await ada.recv() == "💬 alone"
        await eventually(lambda: chat.groups == {})


async def test_a_connection_that_is_not_accepted_is_refused() -> None:
    class Refuser(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.close()

    async with serving(Refuser) as (at, _):
        with pytest.raises(InvalidStatus) as caught:
            async with connect(f"ws://{at}/ws"):
                pass
        assert caught.value.response.status_code == 403


async def test_a_request_without_a_handshake_is_a_bad_request() -> None:
    async with (
        serving(AsyncWebsocketConsumer) as (at, app),
        aiohttp.ClientSession() as session,
        session.get(f"http://{at}/ws") as answer,
    ):
        assert answer.status == 400
        assert app[OPEN_SOCKETS].sockets == set()


async def test_a_consumer_that_fails_ends_its_own_connection_only(caplog: pytest.LogCaptureFixture) -> None:
    class Clumsy(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            if text_data == "fall":
                raise RuntimeError("fell")
            await self.send("fine")

    async with serving(Clumsy) as (at, _), connect(f"ws://{at}/ws") as one, connect(f"ws://{at}/ws") as two:
        await one.send("fall")
        with pytest.raises(ConnectionClosed):
            await one.recv()
        await two.send("go on")
        assert await two.recv() == "fine"
    assert "RuntimeError: fell" in caplog.text


async def test_an_app_that_stops_tells_its_clients() -> None:
    async with serving(AsyncWebsocketConsumer) as (at, app), connect(f"ws://{at}/ws") as client:
        await eventually(lambda: app[OPEN_SOCKETS].sockets)
        await app.shutdown()
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1001


async def test_consumers_can_be_added_in_several_steps_and_beside_handlers() -> None:
    class Greeter(AsyncWebsocketConsumer):
        def __init__(self, word: str = "hello") -> None:
            super().__init__()
            self.word = word

        async def connect(self) -> None:
            await self.accept()
            await self.send(self.word)

    app = web.Application()
    add_consumers(app, {"/one": Greeter})
    add_consumers(app, {"/two": lambda: Greeter("good evening")})
    app.router.add_get("/three", Greeter.as_handler(word="bye"))
    assert len(app.on_shutdown) == 1
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        for path, word in {"one": "hello", "two": "good evening", "three": "bye"}.items():
            async with connect(f"ws://127.0.0.1:{runner.addresses[0][1]}/{path}") as client:
                assert await client.recv() == word
    finally:
        await runner.cleanup()


async def test_a_consumer_of_events_is_served_too() -> None:
    class Raw(AsyncConsumer):
        async def http_request(self, event: Message) -> None:
            await self.send({"type": "http.response.start", "status": 204})
            await self.send({"type": "http.response.body"})

        def http_disconnect(self, event: Message) -> None:
            raise StopConsumer

    async with serving(Raw) as (at, _), aiohttp.ClientSession() as session, session.get(f"http://{at}/ws") as answer:
        assert answer.status == 204
