"""What is known to go wrong in other implementations of channel consumers, and does not here: one test for each."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from lanchat.consumers import AcceptConnection, AsyncConsumer, AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from lanchat.consumers.base import life_of
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import (
    BaseChannelLayer,
    InMemoryChannelLayer,
    Message,
    register_channel_layer,
    unregister_channel_layer,
)
from tests.support.conditions import eventually
from tests.support.consumers.lives import handlers
from tests.support.consumers.servers import serving


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("chat", layer)
        yield layer
        unregister_channel_layer("chat")


class Room(AsyncWebsocketConsumer):
    """A member of the group `room`, who passes on what is said there."""

    channel_layer_alias = "chat"
    groups = ("room",)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert self.channel_layer is not None
        await self.channel_layer.group_send("room", {"type": "room_message", "message": text_data})

    async def room_message(self, event: Message) -> None:
        await self.send(event["message"])


async def ended(client: ClientConnection) -> int | None:
    """Return the code with which the connection ends."""
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(client.recv(), 60)
    return client.close_code


# Handlers one after the other -----------------------------------------------------------------------------------------


async def test_a_slow_receive_holds_up_no_message_of_the_layer(layer: InMemoryChannelLayer) -> None:
    gate = asyncio.Event()

    class Slow(Room):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await gate.wait()
            await self.send("received")

    async with WebsocketCommunicator(Slow, "/") as client:
        await client.connect()
        await client.send_to("x")
        await layer.group_send("room", {"type": "room_message", "message": "meanwhile"})
        assert await client.receive_from() == "meanwhile"
        gate.set()
        assert await client.receive_from() == "received"


async def test_a_slow_handler_holds_up_no_message_of_the_client_and_no_disconnect(layer: InMemoryChannelLayer) -> None:
    gone = asyncio.Event()

    class Slow(Room):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.send(text_data)

        async def room_message(self, event: Message) -> None:
            await asyncio.Event().wait()

        async def disconnect(self, code: int) -> None:
            gone.set()

    client = WebsocketCommunicator(Slow, "/")
    await client.connect()
    await layer.group_send("room", {"type": "room_message", "message": ""})
    await client.send_to("x")
    assert await client.receive_from() == "x"
    await client.disconnect()
    assert gone.is_set()


async def test_one_members_slow_handler_holds_up_no_other_member(layer: InMemoryChannelLayer) -> None:
    class Slow(Room):
        async def room_message(self, event: Message) -> None:
            await asyncio.Event().wait()

    async with WebsocketCommunicator(Slow, "/") as slow, WebsocketCommunicator(Room, "/") as quick:
        await slow.connect()
        await quick.connect()
        for number in range(3):
            await quick.send_to(f"{number}")
            assert await quick.receive_from() == f"{number}"


async def test_what_waits_behind_a_slow_handler_does_not_grow_without_end(layer: InMemoryChannelLayer) -> None:
    class Slow(Room):
        async def room_message(self, event: Message) -> None:
            await asyncio.Event().wait()

    slow = Slow()
    async with WebsocketCommunicator(slow, "/") as client:
        await client.connect()
        for _ in range(layer.capacity * 3):
            await layer.group_send("room", {"type": "room_message", "message": ""})
            await asyncio.sleep(0)
        assert life_of(slow).waiting == layer.capacity
        assert layer.statistics().dropped == layer.capacity * 2 - 1


# Disconnect, and what is left behind ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["leaves", "breaks", "receive fails", "closed by a handler", "too large"])
async def test_disconnect_is_called_once_and_groups_are_left_whatever_way_it_ends(
    layer: InMemoryChannelLayer, way: str
) -> None:
    gone: list[int] = []

    class Watched(Room):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            raise RuntimeError("fell")

        async def room_message(self, event: Message) -> None:
            await self.close(4000)

        async def disconnect(self, code: int) -> None:
            gone.append(code)

    async with serving(Watched) as (at, _), connect(f"ws://{at}/ws") as client:
        await eventually(lambda: layer.groups)
        match way:
            case "leaves":
                await client.close(4321)
            case "breaks":
                client.transport.abort()
            case "receive fails":
                await client.send("x")
            case "closed by a handler":
                await layer.group_send("room", {"type": "room_message"})
            case "too large":
                await client.send("x" * 100_000)
        code = {"leaves": 4321, "breaks": 1006, "receive fails": 1011, "closed by a handler": 4000, "too large": 1009}
        await eventually(lambda: gone == [code[way]])
    await eventually(lambda: not (layer.groups or layer.channels))


async def test_disconnect_is_called_when_the_server_stops(layer: InMemoryChannelLayer) -> None:
    gone: list[int] = []

    class Watched(Room):
        async def disconnect(self, code: int) -> None:
            gone.append(code)

    async with serving(Watched) as (at, app), connect(f"ws://{at}/ws"):
        await eventually(lambda: layer.groups)
        await app.shutdown()
    assert gone == [1001]
    assert (layer.groups, layer.channels) == ({}, {})


async def test_who_fails_in_connect_stays_in_no_group(layer: InMemoryChannelLayer) -> None:
    class Clumsy(Room):
        async def connect(self) -> None:
            raise RuntimeError("fell")

    client = WebsocketCommunicator(Clumsy, "/")
    with pytest.raises(RuntimeError, match="fell"):
        await client.connect()
    assert await client.receive_output() == {"type": "websocket.close", "code": 1011}
    await client.wait()
    assert (layer.groups, layer.channels) == ({}, {})


# One bad message ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "no.such.thing"},
        {"type": "room_message"},
        {"type": "_private"},
        {"type": ".private"},
        {"type": ""},
        {"type": None},
        {"type": ["room_message"]},
        {},
    ],
)
async def test_one_bad_message_kills_nobody(layer: InMemoryChannelLayer, bad: Message) -> None:
    async with serving(Room) as (at, _), connect(f"ws://{at}/ws") as one, connect(f"ws://{at}/ws") as two:
        await eventually(lambda: len(layer.groups.get("room", ())) == 2)
        await layer.group_send("room", bad)
        await one.send("still here")
        assert await one.recv() == await two.recv() == "still here"


PUBLIC = [name for name in dir(AsyncWebsocketConsumer) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [*PUBLIC, "websocket.disconnect", "websocket.receive"])
async def test_no_public_method_can_be_called_by_a_messages_type(layer: InMemoryChannelLayer, kind: str) -> None:
    room = Room()
    async with WebsocketCommunicator(room, "/") as client:
        await client.connect()
        await layer.group_send("room", {"type": kind, "text": "x", "code": 1000})
        await client.send_to("still here")
        assert await client.receive_from() == "still here"
        assert room.unhandled == 1


async def test_bad_json_does_not_kill_the_socket() -> None:
    class Echo(AsyncJsonWebsocketConsumer):
        async def receive_json(self, content: object) -> None:
            await self.send_json(content)

    async with serving(Echo) as (at, _), connect(f"ws://{at}/ws") as client:
        for bad in ("{", "", "[" * 60_000, b"\xff"):
            await client.send(bad)
            assert "Please send JSON" in str(await client.recv())
        await client.send('"still here"')
        assert await client.recv() == '"still here"'


async def test_a_message_with_neither_text_nor_bytes_is_passed_over() -> None:
    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.send(text_data, bytes_data)

    async with WebsocketCommunicator(Echo, "/") as client:
        await client.connect()
        await client.send_input({"type": "websocket.receive"})
        await client.send_input({"type": "websocket.receive", "text": None, "bytes": None})
        await client.send_to("x")
        assert await client.receive_from() == "x"


# Names, groups and layers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two words", "Küche", "room\n", "x" * 100, "a!b", "room٣"])
async def test_a_room_whose_name_is_no_group_ends_its_own_connection_only(
    layer: InMemoryChannelLayer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Named(Room):
        async def connect(self) -> None:
            assert self.channel_layer is not None
            await self.accept()
            if self.scope["query_string"]:
                await self.channel_layer.group_add(name, self.channel_name)

    async with serving(Named) as (at, _), connect(f"ws://{at}/ws") as other:
        async with connect(f"ws://{at}/ws?bad") as bad:
            assert await ended(bad) == 1011
        assert "Group name must be a valid unicode string" in caplog.text
        await other.send("still here")
        assert await other.recv() == "still here"


async def test_groups_without_a_layer_are_refused_with_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    client = WebsocketCommunicator(Room, "/")
    with pytest.raises(Exception, match="Room has groups, but no layer is called 'chat'"):
        await client.connect()
    await client.stop()


async def test_a_message_sent_between_joining_and_accepting_is_not_lost(layer: InMemoryChannelLayer) -> None:
    gate = asyncio.Event()

    class Late(Room):
        async def connect(self) -> None:
            await gate.wait()
            raise AcceptConnection

    client = WebsocketCommunicator(Late, "/")
    connecting = asyncio.create_task(client.connect())
    await eventually(lambda: layer.groups)
    await layer.group_send("room", {"type": "room_message", "message": "early"})
    gate.set()
    assert await connecting == (True, None)
    assert await client.receive_from() == "early"
    await client.disconnect()


async def test_a_consumer_class_is_an_app_for_the_testing_kit_as_it_stands() -> None:
    async with WebsocketCommunicator(AsyncWebsocketConsumer, "/") as client:
        assert await client.connect() == (True, None)


async def test_settings_of_as_asgi_reach_the_consumer_and_connections_share_nothing() -> None:
    class Counter(AsyncWebsocketConsumer):
        def __init__(self, start: int) -> None:
            super().__init__()
            self.count = start

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            self.count += 1
            await self.send(f"{self.count}")

    app = Counter.as_asgi(start=5)
    assert app.consumer_initkwargs == {"start": 5}
    for _ in range(2):
        async with WebsocketCommunicator(app, "/") as client:
            await client.connect()
            await client.send_to("x")
            assert await client.receive_from() == "6"


# The seed's own -------------------------------------------------------------------------------------------------------


async def test_a_greeting_reaches_only_who_has_come(layer: InMemoryChannelLayer) -> None:
    class Greeting(Room):
        async def connect(self) -> None:
            await self.accept()
            await self.send("connection established")

    async with WebsocketCommunicator(Greeting, "/") as first, WebsocketCommunicator(Greeting, "/") as second:
        await first.connect()
        assert await first.receive_from() == "connection established"
        await second.connect()
        assert await second.receive_from() == "connection established"
        assert await first.receive_nothing()


async def test_a_last_word_in_disconnect_harms_nobody(layer: InMemoryChannelLayer) -> None:
    class Parting(Room):
        async def disconnect(self, code: int) -> None:
            await self.send("Left reliable chat!")
            done.set()

    done = asyncio.Event()
    async with serving(Parting) as (at, _):
        async with connect(f"ws://{at}/ws"):
            pass
        await asyncio.wait_for(done.wait(), 60)


async def test_a_blocking_call_in_a_worker_thread_answers_through_the_layer(layer: InMemoryChannelLayer) -> None:
    class Jobs(AsyncJsonWebsocketConsumer):
        channel_layer_alias = "chat"

        async def receive_json(self, content: Message) -> None:
            assert self.channel_layer is not None
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, work, self.channel_layer, self.channel_name, content["content"])

        async def job_result(self, event: Message) -> None:
            await self.send_json(event)

    def work(layer: BaseChannelLayer, channel: str, content: str) -> None:
        layer.send_sync(channel, {"type": "job.result", "message": content.upper()})

    async with WebsocketCommunicator(Jobs, "/") as client:
        await client.connect()
        await client.send_json_to({"type": "default", "content": "hello"})
        assert await client.receive_json_from() == {"type": "job.result", "message": "HELLO"}


def test_a_base_consumer_by_itself_has_no_handlers() -> None:
    for kind in (AsyncConsumer, AsyncWebsocketConsumer, AsyncJsonWebsocketConsumer):
        assert handlers(kind) == set()
