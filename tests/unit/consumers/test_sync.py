"""Consumers of plain functions: in worker threads, in order, and without holding up anybody else."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import async_to_sync
from websockets.asyncio.client import connect

from lanchat.consumers import JsonWebsocketConsumer, StopConsumer, SyncConsumer, WebsocketConsumer
from lanchat.consumers.json import NOT_JSON
from lanchat.consumers.testing import ApplicationCommunicator, WebsocketCommunicator
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import eventually
from tests.support.consumers.servers import serving


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("chat", layer)
        yield layer
        unregister_channel_layer("chat")


class Room(WebsocketConsumer):
    channel_layer_alias = "chat"

    def connect(self) -> None:
        assert self.channel_layer is not None
        self.threads = {threading.current_thread()}
        self.accept(headers=[("X-Sync", "yes")])
        async_to_sync(self.channel_layer.group_add)("room", self.channel_name)

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert self.channel_layer is not None
        self.threads.add(threading.current_thread())
        if bytes_data is not None:
            self.send(bytes_data=bytes_data)
        elif text_data == "bye":
            self.send("bye", close=4000)
        else:
            self.channel_layer.group_send_sync("room", {"type": "room.message", "text": text_data})

    def room_message(self, event: Message) -> None:
        self.threads.add(threading.current_thread())
        self.send(event["text"])

    def disconnect(self, code: int) -> None:
        assert self.channel_layer is not None
        self.threads.add(threading.current_thread())
        self.channel_layer.group_send_sync("room", {"type": "room.message", "text": f"gone with {code}"})


async def test_a_room_of_sync_consumers(layer: InMemoryChannelLayer) -> None:
    rooms: list[Room] = []

    def make() -> Room:
        rooms.append(Room())
        return rooms[-1]

    async with serving(make) as (at, _), connect(f"ws://{at}/ws") as ada:
        await eventually(lambda: len(layer.groups.get("room", ())) == 1)
        async with connect(f"ws://{at}/ws") as bob:
            await eventually(lambda: len(layer.groups["room"]) == 2)
            await bob.send("hello")
            assert await ada.recv() == await bob.recv() == "hello"
            await bob.send(b"\xff")
            assert await bob.recv() == b"\xff"
            await bob.send("bye")
            assert await bob.recv() == "bye"
        assert await ada.recv() == "gone with 4000"
        assert all(threading.main_thread() not in room.threads for room in rooms)


async def test_a_slow_one_holds_up_nobody_else_and_keeps_its_own_order(layer: InMemoryChannelLayer) -> None:
    gate = threading.Event()

    class Slow(WebsocketConsumer):
        thread_sensitive = False

        def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            if text_data == "wait":
                assert gate.wait(5)
            self.send(text_data)

    async with serving(Slow) as (at, _), connect(f"ws://{at}/ws") as slow, connect(f"ws://{at}/ws") as quick:
        await slow.send("wait")
        await slow.send("then this")
        await quick.send("at once")
        assert await quick.recv() == "at once"
        gate.set()
        assert [await slow.recv(), await slow.recv()] == ["wait", "then this"]


async def test_one_consumers_methods_never_run_beside_each_other(layer: InMemoryChannelLayer) -> None:
    running, most, heard = 0, 0, list[object]()
    lock = threading.Lock()

    class Watched(WebsocketConsumer):
        channel_layer_alias = "chat"
        groups = ("room",)

        def enter(self, what: object) -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            threading.Event().wait(0.005)
            with lock:
                running -= 1
                heard.append(what)

        def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            self.enter(text_data)

        def room_message(self, event: Message) -> None:
            self.enter(event["n"])

        def disconnect(self, code: int) -> None:
            self.enter("gone")

    client = WebsocketCommunicator(Watched, "/")
    await client.connect()
    for number in range(5):
        await client.send_to(f"{number}")
        await layer.group_send("room", {"type": "room.message", "n": number})
    await eventually(lambda: len(heard) == 10)
    await client.send_to("last")
    await client.disconnect()
    assert most == 1
    assert [what for what in heard if isinstance(what, int)] == list(range(5))
    assert [what for what in heard if isinstance(what, str)] == ["0", "1", "2", "3", "4", "last", "gone"]


async def test_on_the_event_loops_own_thread_a_call_is_an_error_and_no_deadlock() -> None:
    class Mixed(WebsocketConsumer):
        async def room_message(self, event: Message) -> None:
            with pytest.raises(RuntimeError, match="not for the event loop"):
                self.send("never sent")
            tried.set()

    tried = asyncio.Event()
    async with InMemoryChannelLayer() as layer:
        mixed = Mixed(layers={"default": layer})
        client = WebsocketCommunicator(mixed, "/")
        await client.connect()
        await layer.send(mixed.channel_name, {"type": "room.message"})
        await asyncio.wait_for(tried.wait(), 60)
        with pytest.raises(RuntimeError, match="not for the event loop"):
            mixed.accept()
        with pytest.raises(RuntimeError, match="not for the event loop"):
            mixed.close()
        assert await client.receive_nothing()
        await client.disconnect()


async def test_without_a_connection_nothing_can_be_waited_for() -> None:
    with pytest.raises(RuntimeError, match="no connection yet"):
        await asyncio.to_thread(WebsocketConsumer().accept)


async def test_what_a_method_raises_ends_its_connection(layer: InMemoryChannelLayer) -> None:
    class Clumsy(Room):
        def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            raise RuntimeError("fell")

    client = WebsocketCommunicator(Clumsy, "/")
    assert await client.connect() == (True, None)
    assert client.response_headers == [(b"x-sync", b"yes")]
    await client.send_to("x")
    assert await client.receive_output() == {"type": "websocket.close", "code": 1011}
    with pytest.raises(RuntimeError, match="fell"):
        await client.wait()
    assert layer.channels == {}


async def test_a_cancelled_connection_waits_for_its_thread(layer: InMemoryChannelLayer) -> None:
    entered, gate, done = threading.Event(), threading.Event(), list[str]()

    class Slow(WebsocketConsumer):
        def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            entered.set()
            assert gate.wait(5)
            done.append("received")

        def disconnect(self, code: int) -> None:
            done.append("disconnected")

    client = WebsocketCommunicator(Slow, "/")
    await client.connect()
    await client.send_to("x")
    await eventually(entered.is_set)
    stopping = asyncio.create_task(client.stop())
    await asyncio.sleep(0)
    assert done == []
    gate.set()
    await stopping
    assert done == ["received", "disconnected"]


async def test_events_of_a_connection_reach_plain_functions() -> None:
    class Raw(SyncConsumer):
        def websocket_connect(self, event: Message) -> None:
            self.send({"type": "websocket.accept"})

        def websocket_disconnect(self, event: Message) -> None:
            raise StopConsumer

    communicator = ApplicationCommunicator(Raw, {"type": "websocket"})
    await communicator.send_input({"type": "websocket.connect"})
    assert await communicator.receive_output() == {"type": "websocket.accept"}
    await communicator.send_input({"type": "websocket.disconnect"})
    await communicator.wait()


async def test_json() -> None:
    class Echo(JsonWebsocketConsumer):
        def receive_json(self, content: object) -> None:
            self.send_json({"you said": content})

    async with WebsocketCommunicator(Echo, "/") as client:
        await client.connect()
        await client.send_json_to([1])
        assert await client.receive_json_from() == {"you said": [1]}
        for bad in ("{", ""):
            await client.send_to(bad)
            assert await client.receive_json_from() == {"error": NOT_JSON}
        await client.send_to(bytes_data=b"{}")
        assert await client.receive_json_from() == {"error": NOT_JSON}
