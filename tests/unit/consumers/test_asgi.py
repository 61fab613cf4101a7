"""A consumer behind an ASGI server: what it sends keeps its order, and a client that does not read holds up nobody."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.consumers import AsyncWebsocketConsumer, SocketLimits, asgi
from lanchat.consumers.asgi import AsgiSocket
from lanchat.consumers.errors import ClientGone
from lanchat.consumers.outbox import LIMIT, SLOW
from lanchat.consumers.scope import AsgiEvent
from lanchat.consumers.testing import WebsocketCommunicator
from lanchat.layers import InMemoryChannelLayer, Message
from tests.support.conditions import eventually


class Server:
    """The server's side of one connection. While `stuck`, what is sent to the client is not taken."""

    def __init__(self, *events: AsgiEvent) -> None:
        self.events: asyncio.Queue[AsgiEvent] = asyncio.Queue()
        for event in events:
            self.events.put_nowait(event)
        self.took: list[AsgiEvent] = []
        self.stuck = False
        self.breaks: Exception | None = None

    async def send(self, event: AsgiEvent) -> None:
        if self.breaks is not None:
            raise self.breaks
        if self.stuck:
            await asyncio.Event().wait()
        self.took.append(event)


CONNECT, LEAVE = {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}


class Echo(AsyncWebsocketConsumer):
    code: int | None = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data, bytes_data)

    async def disconnect(self, code: int) -> None:
        self.code = code


async def test_a_connection_lives_and_ends() -> None:
    server = Server(CONNECT, {"type": "websocket.receive", "text": "one"})
    server.events.put_nowait({"type": "websocket.receive", "bytes": b"two", "text": None})
    server.events.put_nowait({"type": "websocket.receive"})
    server.events.put_nowait({"type": "websocket.receive", "text": "", "bytes": None})
    echo = Echo()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: len(server.took) == 4)
    server.events.put_nowait(LEAVE)
    await living
    assert server.took == [
        {"type": "websocket.accept"},
        {"type": "websocket.send", "text": "one"},
        {"type": "websocket.send", "bytes": b"two"},
        {"type": "websocket.send", "text": ""},
    ]
    assert echo.code == 1001


async def test_a_disconnect_without_a_code_is_1005() -> None:
    server = Server(CONNECT, {"type": "websocket.disconnect"})
    echo = Echo()
    await echo({"type": "websocket"}, server.events.get, server.send)
    assert echo.code == 1005


async def test_headers_and_a_subprotocol_are_given_as_asgi_wants_them() -> None:
    server = Server(CONNECT)
    socket = AsgiSocket({}, server.events.get, server.send)
    await socket.accept("chat", [("X-Room", "général")])
    assert server.took == [
        {"type": "websocket.accept", "subprotocol": "chat", "headers": [(b"x-room", "général".encode("latin-1"))]}
    ]
    with pytest.raises(RuntimeError, match="answered already"):
        await socket.accept(None, [])


async def test_before_it_is_accepted_nothing_can_be_sent_and_a_close_refuses() -> None:
    server = Server(CONNECT)
    socket = AsgiSocket({}, server.events.get, server.send)
    with pytest.raises(RuntimeError, match="not accepted"):
        socket.send_text("x")
    with pytest.raises(RuntimeError, match="not accepted"):
        socket.send_bytes(b"x")
    await socket.close(4003, "no")
    await socket.close(1000, "again")
    await socket.end()
    assert server.took == [{"type": "websocket.close", "code": 4003, "reason": "no"}]
    assert await socket.receive() is None


@pytest.mark.parametrize("leaves", ["before", "while accepting"])
async def test_a_client_that_leaves_during_the_handshake_is_gone(leaves: str) -> None:
    server = Server(LEAVE if leaves == "before" else CONNECT)
    server.breaks = OSError("gone")
    socket = AsgiSocket({}, server.events.get, server.send)
    with pytest.raises(ClientGone):
        await socket.accept(None, [])
    assert not socket.accepted
    await socket.end()
    assert server.took == []


async def test_ready_made_frames_are_not_for_asgi_servers() -> None:
    socket = AsgiSocket({}, Server().events.get, Server().send)
    with pytest.raises(RuntimeError, match="frames"):
        socket.frames.write(b"\x81\x00")


async def test_what_waits_goes_before_the_close() -> None:
    server = Server(CONNECT)
    socket = AsgiSocket({}, server.events.get, server.send)
    await socket.accept(None, [])
    for number in range(100):
        socket.send_text(f"{number}".encode())
    await socket.close(1000, "")
    socket.send_text("too late")
    assert [event.get("text") for event in server.took[1:-1]] == [f"{number}" for number in range(100)]
    assert server.took[-1] == {"type": "websocket.close", "code": 1000}


async def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "_PATIENCE", 0.01)
    server = Server(CONNECT)
    echo = Echo()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: server.took)
    server.stuck = True
    for _ in range(LIMIT // 60_000 + 3):
        echo.socket.send_text("x" * 60_000)
        await asyncio.sleep(0)
    assert echo.socket.close_code == SLOW
    await asyncio.wait_for(living, 60)
    assert echo.code == SLOW
    assert len(server.took) == 1


async def test_one_that_reads_again_in_time_gets_everything_and_the_close_code(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(CONNECT)
    socket = AsgiSocket({}, server.events.get, server.send)
    await socket.accept(None, [])
    socket.send_bytes(b"x" * (LIMIT + 1))  # however large one message is
    socket.send_bytes(b"one more")
    assert await socket.receive() is None
    await socket.end()
    assert server.took == [{"type": "websocket.accept"}, {"type": "websocket.close", "code": SLOW}]


async def test_a_server_that_can_send_no_more_ends_the_connection() -> None:
    server = Server(CONNECT)
    echo = Echo()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: server.took)
    server.breaks = RuntimeError("Unexpected ASGI message")
    await echo.send("x")
    await asyncio.wait_for(living, 60)
    assert echo.code == 1006
    assert len(server.took) == 1


async def test_a_server_that_will_not_hear_of_a_close_is_left_alone() -> None:
    server = Server(CONNECT)
    socket = AsgiSocket({}, server.events.get, server.send)
    await socket.accept(None, [])
    server.breaks = RuntimeError("Unexpected ASGI message 'websocket.close'")
    await socket.close(1000, "")
    await socket.end()
    assert socket.close_code == 1000


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


async def test_a_close_from_a_layers_handler_ends_the_waiting_for_the_client(layer: InMemoryChannelLayer) -> None:
    class Ended(Echo):
        groups = ("all",)

        async def room_over(self, event: Message) -> None:
            await self.send("the end")
            await self.close(4010)

    ended = Ended(layers={"default": layer})
    client = WebsocketCommunicator(ended, "/")
    assert await client.connect() == (True, None)
    await layer.group_send("all", {"type": "room.over"})
    assert await client.receive_from() == "the end"
    assert await client.receive_output() == {"type": "websocket.close", "code": 4010}
    await client.wait()
    assert ended.code == 4010
    assert layer.channels == {}


# How fast and how much ------------------------------------------------------------------------------------------------


async def test_who_sends_waits_for_a_slow_reader_and_everything_arrives() -> None:
    gate = asyncio.Event()

    class Slow(Server):
        async def send(self, event: AsgiEvent) -> None:
            await super().send(event)
            if len(self.took) > 1:
                await gate.wait()

    server = Slow(CONNECT)
    echo = Echo()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: server.took)
    sent: list[int] = []

    async def send() -> None:
        for number in range(50):
            await echo.send("x" * 40_000)
            sent.append(number)

    sending = asyncio.create_task(send())
    await eventually(lambda: sent)
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(sent) == 1
    gate.set()
    await sending
    assert len(sent) == 50
    server.events.put_nowait(LEAVE)
    await living
    assert len(server.took) == 51
    assert echo.code == 1001


async def test_a_large_message_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(CONNECT)
    echo = Echo()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: server.took)
    await echo.send("x" * (LIMIT * 4))
    await eventually(lambda: len(server.took) == 2)
    server.events.put_nowait(LEAVE)
    await living
    assert echo.code == 1001


async def test_a_reader_that_takes_nothing_while_it_is_waited_for_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(Echo):
        socket_limits = SocketLimits(patience=0.01)

    monkeypatch.setattr(asgi, "_PATIENCE", 0.01)
    server = Server(CONNECT)
    echo = Impatient()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: server.took)
    server.stuck = True
    await echo.send("x" * 100_000)
    await asyncio.wait_for(living, 60)
    assert echo.code == SLOW


async def test_who_waits_for_a_reader_that_leaves_goes_on() -> None:
    server = Server(CONNECT)
    echo = Echo()
    living = asyncio.create_task(echo({"type": "websocket"}, server.events.get, server.send))
    await eventually(lambda: server.took)
    server.stuck = True
    sending = asyncio.create_task(echo.send("x" * 100_000))
    await asyncio.sleep(0)
    server.events.put_nowait(LEAVE)
    await sending
    await living
    assert echo.code == 1001


@pytest.mark.parametrize("large", ["x" * 11, b"x" * 11, "é" * 6])
async def test_a_message_of_the_client_has_a_bound_that_can_be_set(large: str | bytes) -> None:
    class Narrow(Echo):
        socket_limits = SocketLimits(max_message=10)

    narrow = Narrow()
    async with WebsocketCommunicator(narrow, "/") as client:
        await client.connect()
        for fits in ("x" * 10, "é" * 5):
            await client.send_to(fits)
            assert await client.receive_from() == fits
        await client.send_to(*((large,) if isinstance(large, str) else (None, large)))
        assert await client.receive_output() == {"type": "websocket.close", "code": 1009}
        await client.wait()
        assert narrow.code == 1009


async def test_a_server_that_will_not_close_with_a_code_gets_to_see_why() -> None:
    class Strict(Server):
        async def send(self, event: AsgiEvent) -> None:
            if event.get("code", 1000) != 1000:
                raise ValueError("close code must be 1000")
            await super().send(event)

    class Closing(Echo):
        async def connect(self) -> None:
            await self.accept()
            await self.close(1013)

    server = Strict(CONNECT)
    with pytest.raises(ValueError, match="close code must be 1000"):
        await Closing()({"type": "websocket"}, server.events.get, server.send)
