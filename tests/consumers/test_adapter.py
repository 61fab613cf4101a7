"""Consumers behind a real aiohttp server: the tutorial's room chat, the scope, refusals, limits and the end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lanchat.consumers import AsyncWebsocketConsumer, Scope, adapter
from lanchat.consumers.adapter import MAX_MESSAGE, OPEN_SOCKETS, OpenSockets, websocket_handler
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.conditions import eventually
from tests.consumers.test_outbox import not_reading


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


@asynccontextmanager
async def serving(
    make: Callable[[], AsyncWebsocketConsumer], path: str = "/ws", *, counted: bool = False
) -> AsyncIterator[tuple[str, web.Application]]:
    """Run one consumer class behind aiohttp, and give its address without a scheme."""
    app = web.Application()
    if counted:
        app[OPEN_SOCKETS] = OpenSockets()
    app.router.add_get(path, websocket_handler(make))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}", app
    finally:
        await runner.cleanup()


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


async def test_the_scope_is_that_of_asgi() -> None:
    scopes: list[Scope] = []

    class Looker(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            scopes.append(self.scope)
            await self.accept()

    async with (
        serving(Looker, "/ws/room/{room_name}") as (at, _),
        connect(f"ws://{at}/ws/room/K%C3%BCche%2F1?a=b&c=%20", additional_headers={"X-Test": "Yes"}) as client,
    ):
        (scope,) = scopes
        assert scope["type"] == "websocket"
        assert scope["path"] == "/ws/room/Küche/1"
        assert scope["query_string"] == b"a=b&c=%20"
        assert scope["path_params"] == scope["url_route"]["kwargs"] == {"room_name": "Küche/1"}
        assert (b"x-test", b"Yes") in scope["headers"]
        assert tuple(scope["client"]) == client.local_address


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
        serving(AsyncWebsocketConsumer, counted=True) as (at, app),
        aiohttp.ClientSession() as session,
        session.get(f"http://{at}/ws") as answer,
    ):
        assert answer.status == 400
        assert app[OPEN_SOCKETS].sockets == set()


async def test_a_subprotocol_and_headers_reach_the_client() -> None:
    class Chooser(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept(subprotocol="chat", headers=[("X-Room", "general")])

    async with serving(Chooser) as (at, _), connect(f"ws://{at}/ws", subprotocols=["other", "chat"]) as client:  # type: ignore[list-item]
        assert client.subprotocol == "chat"
        assert client.response is not None
        assert client.response.headers["X-Room"] == "general"


async def test_compression_is_never_agreed_on() -> None:
    async with serving(AsyncWebsocketConsumer) as (at, _), connect(f"ws://{at}/ws", compression="deflate") as client:
        assert client.protocol.extensions == []


async def test_messages_are_bounded() -> None:
    sizes: list[int] = []

    class Counter(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            sizes.append(len(text_data or bytes_data or ""))

    async with serving(Counter) as (at, _):
        async with connect(f"ws://{at}/ws") as client:
            await client.send("x" * MAX_MESSAGE)
            await client.send([b"x" * (MAX_MESSAGE // 2), b"x" * (MAX_MESSAGE // 2)])
            await eventually(lambda: sizes == [MAX_MESSAGE, MAX_MESSAGE])
            await client.send("x" * (MAX_MESSAGE + 1))
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1009
        async with connect(f"ws://{at}/ws") as client:
            with contextlib.suppress(ConnectionClosed):
                await client.send([b"x" * 60_000] * 100)
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1009
    assert len(sizes) == 2


async def test_what_was_sent_before_a_close_arrives_before_it() -> None:
    class Brief(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            await self.send("one")
            await self.send("two")
            await self.close(4003, "no more")

    async with serving(Brief) as (at, _), connect(f"ws://{at}/ws") as client:
        assert [await client.recv(), await client.recv()] == ["one", "two"]
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4003, "no more")


async def test_the_consumer_learns_how_the_connection_ended() -> None:
    codes: list[int] = []

    class Listener(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None:
            codes.append(code)
            await self.send("to nobody")

    async with serving(Listener) as (at, _):
        async with connect(f"ws://{at}/ws") as client:
            await client.close(4321)
        await eventually(lambda: codes == [4321])
        async with connect(f"ws://{at}/ws") as client:
            client.transport.abort()
            await eventually(lambda: codes == [4321, 1006])


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


async def test_a_silent_client_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PING", 0.05)
    ended = asyncio.Event()

    class Listener(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None:
            ended.set()

    async with serving(Listener, "/") as (at, _), not_reading(int(at.rpartition(":")[2])):
        await asyncio.wait_for(ended.wait(), 5)


async def test_all_open_sockets_are_told_that_the_node_goes_away() -> None:
    async with serving(AsyncWebsocketConsumer, counted=True) as (at, app):
        async with connect(f"ws://{at}/ws") as one, connect(f"ws://{at}/ws") as two:
            assert len(app[OPEN_SOCKETS].sockets) == 2
            await app[OPEN_SOCKETS].close()
            for client in (one, two):
                with pytest.raises(ConnectionClosed):
                    await client.recv()
                assert client.close_code == 1001
        await eventually(lambda: app[OPEN_SOCKETS].sockets == set())


async def test_a_client_that_does_not_read_cannot_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_CLOSING", 0.1)
    here: list[AsyncWebsocketConsumer] = []

    class Listener(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            here.append(self)

    async with (
        serving(Listener, "/", counted=True) as (at, app),
        not_reading(int(at.rpartition(":")[2])) as sock,
    ):
        await eventually(lambda: here)
        (socket,) = app[OPEN_SOCKETS].sockets
        assert socket._outbox is not None
        transport = socket._outbox._transport
        while transport.get_write_buffer_size() < 200_000:
            await here[0].send("x" * 60_000)
            await asyncio.sleep(0)
        await asyncio.wait_for(app[OPEN_SOCKETS].close(), 2)
        assert transport.get_write_buffer_size() == 0
        assert sock.fileno() > 0
