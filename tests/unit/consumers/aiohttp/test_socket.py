"""One WebSocket of aiohttp's server: its handshake, bounds, and ends."""

import asyncio
import contextlib
from functools import partial

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from lanchat.consumers import SLOW, AsyncWebsocketConsumer, SocketLimits
from lanchat.consumers.aiohttp import socket as aiohttp_socket
from lanchat.consumers.aiohttp.open_sockets import OPEN_SOCKETS
from lanchat.layers import InMemoryChannelLayer, Message
from tests.support.conditions import eventually
from tests.support.consumers.servers import serving
from tests.unit.consumers.test_outbox import not_reading

MOST = 65_536


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
            await client.send("x" * MOST)
            await client.send([b"x" * (MOST // 2), b"x" * (MOST // 2)])
            await eventually(lambda: sizes == [MOST, MOST])
            await client.send("x" * (MOST + 1))
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


async def test_others_have_their_turn_while_much_of_one_client_waits() -> None:
    turns: list[int] = []

    class Busy(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            turns.append(turn)

    turn = 0

    def count() -> None:
        nonlocal turn
        turn += 1
        if len(turns) < 400:
            asyncio.get_running_loop().call_soon(count)

    async with serving(Busy, "/") as (at, _), not_reading(int(at.rpartition(":")[2])) as client:
        message = b"\x81\x81" + bytes(4) + b"x"
        asyncio.get_running_loop().call_soon(count)
        await asyncio.get_running_loop().sock_sendall(client, 400 * message)  # a piece of its own for the network
        await eventually(lambda: len(turns) == 400)
        assert max(turns.count(each) for each in turns) <= 32


async def test_who_waits_for_answers_between_its_messages_is_not_made_to_give_way() -> None:
    turns: list[int] = []

    class Busy(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            turns.append(aiohttp_socket._shared().turns.current())

    def arrived(number: int) -> bool:
        return len(turns) == number

    async with serving(Busy, "/") as (at, _), not_reading(int(at.rpartition(":")[2])) as client:
        message = b"\x81\x81" + bytes(4) + b"x"
        for piece in range(1, 6):
            await asyncio.get_running_loop().sock_sendall(client, 32 * message)
            await eventually(partial(arrived, 32 * piece))
            assert len(set(turns)) == piece


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


async def test_a_silent_client_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp_socket, "PING", 0.05)
    ended = asyncio.Event()

    class Listener(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None:
            ended.set()

    async with serving(Listener, "/") as (at, _), not_reading(int(at.rpartition(":")[2])):
        await asyncio.wait_for(ended.wait(), 60)


async def test_a_silent_client_is_pinged_and_one_that_answers_stays() -> None:
    async with serving(AsyncWebsocketConsumer) as (at, app), connect(f"ws://{at}/ws") as client:
        (socket,) = app[OPEN_SOCKETS].sockets
        await eventually(lambda: socket._silence == 0)
        for _ in range(3):
            for _ in range(2):
                socket.check_silence()
            assert socket._silence == 2
            await eventually(lambda: socket._silence == 0)
        await client.send("still here")
        assert client.close_code is None


async def test_a_silent_client_that_does_not_answer_is_given_up() -> None:
    codes: list[int] = []

    class Listener(AsyncWebsocketConsumer):
        async def disconnect(self, code: int) -> None:
            codes.append(code)

    async with serving(Listener, "/") as (at, app), not_reading(int(at.rpartition(":")[2])):
        (socket,) = app[OPEN_SOCKETS].sockets
        await eventually(lambda: socket._silence == 0)
        for _ in range(3):
            socket.check_silence()
        await eventually(lambda: codes == [1006])


async def test_a_consumer_that_is_busy_with_a_message_loses_nobody() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Busy(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            begun.set()
            await go_on.wait()
            await self.send("done")

    async with serving(Busy) as (at, app), connect(f"ws://{at}/ws") as client:
        await client.send("work")
        await begun.wait()
        (socket,) = app[OPEN_SOCKETS].sockets
        for _ in range(9):
            socket.check_silence()
        go_on.set()
        assert await client.recv() == "done"


async def test_a_ping_of_the_client_is_answered() -> None:
    async with serving(AsyncWebsocketConsumer) as (at, _), connect(f"ws://{at}/ws") as client:
        await asyncio.wait_for(await client.ping(b"are you there?"), 60)


async def test_all_open_sockets_are_told_that_the_node_goes_away() -> None:
    async with serving(AsyncWebsocketConsumer) as (at, app):
        async with connect(f"ws://{at}/ws") as one, connect(f"ws://{at}/ws") as two:
            assert len(app[OPEN_SOCKETS].sockets) == 2
            await app[OPEN_SOCKETS].close()
            for client in (one, two):
                with pytest.raises(ConnectionClosed):
                    await client.recv()
                assert client.close_code == 1001
        await eventually(lambda: app[OPEN_SOCKETS].sockets == set())


async def test_a_client_that_does_not_read_cannot_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp_socket, "_CLOSING", 0.1)
    here: list[AsyncWebsocketConsumer] = []

    class Listener(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            here.append(self)

    async with (
        serving(Listener, "/") as (at, app),
        not_reading(int(at.rpartition(":")[2])) as sock,
    ):
        await eventually(lambda: here)
        (socket,) = app[OPEN_SOCKETS].sockets
        assert socket._outbox is not None
        transport = socket._outbox._transport
        while transport.get_write_buffer_size() < 200_000:
            here[0].socket.send_text("x" * 60_000)
            await asyncio.sleep(0)
        await asyncio.wait_for(app[OPEN_SOCKETS].close(), 10)
        assert transport.get_write_buffer_size() == 0
        assert sock.fileno() > 0


async def test_nothing_can_be_sent_before_the_connection_is_accepted() -> None:
    said: list[str] = []

    class Hasty(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            for send in (self.send("too early"), self.send(bytes_data=b"too early")):
                with pytest.raises(RuntimeError, match="not accepted") as caught:
                    await send
                said.append(str(caught.value))
            await self.accept()
            await self.send("now")

    async with serving(Hasty) as (at, _), connect(f"ws://{at}/ws") as client:
        assert await client.recv() == "now"
    assert len(said) == 2


async def test_a_handshake_is_answered_once() -> None:
    class Undecided(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.close()
            with pytest.raises(RuntimeError, match="answered already"):
                await self.accept()
            tried.set()

    class Eager(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            with pytest.raises(RuntimeError, match="answered already"):
                await self.accept()
            await self.send("once")

    tried = asyncio.Event()
    async with serving({"/no": Undecided, "/yes": Eager}) as (at, _):
        with pytest.raises(Exception, match="403"):
            await connect(f"ws://{at}/no")
        assert tried.is_set()
        async with connect(f"ws://{at}/yes") as client:
            assert await client.recv() == "once"


async def test_who_closes_from_a_layers_handler_hears_its_own_code_and_the_client_too() -> None:
    codes: list[int] = []

    class Ended(AsyncWebsocketConsumer):
        groups = ("all",)

        async def room_over(self, event: Message) -> None:
            await self.send("the end")
            await self.close(4010, "over")

        async def disconnect(self, code: int) -> None:
            codes.append(code)

    async with (
        InMemoryChannelLayer() as layer,
        serving(lambda: Ended(layers={"default": layer})) as (at, _),
        connect(f"ws://{at}/ws") as client,
    ):
        await layer.group_send("all", {"type": "room.over"})
        assert await client.recv() == "the end"
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4010, "over")
        await eventually(lambda: codes == [4010])


# How fast and how much ------------------------------------------------------------------------------------------------


async def test_who_sends_waits_for_a_slow_reader() -> None:
    here: list[AsyncWebsocketConsumer] = []

    class Listener(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            here.append(self)

    async with serving(Listener, "/") as (at, app), not_reading(int(at.rpartition(":")[2])) as sock:
        await eventually(lambda: here)
        (socket,) = app[OPEN_SOCKETS].sockets
        assert socket._outbox is not None
        transport = socket._outbox._transport
        sent: list[int] = []

        async def send() -> None:
            for number in range(100):
                await here[0].send("x" * 60_000)
                sent.append(number)

        sending, other = asyncio.create_task(send()), asyncio.create_task(send())
        await eventually(lambda: socket._draining is not None)
        other.cancel()
        assert transport.get_write_buffer_size() < 300_000
        read = 0
        sock.setblocking(False)
        while not sending.done():
            try:
                read += len(sock.recv(1 << 20))
            except BlockingIOError:
                await asyncio.sleep(0)
        assert len(sent) >= 100
        assert not socket._outbox.cut


async def test_a_reader_that_takes_nothing_while_it_is_waited_for_is_cut_off() -> None:
    here: list[AsyncWebsocketConsumer] = []

    class Listener(AsyncWebsocketConsumer):
        socket_limits = SocketLimits(patience=0.05)

        async def connect(self) -> None:
            await self.accept()
            here.append(self)

    async with serving(Listener, "/") as (at, app), not_reading(int(at.rpartition(":")[2])):
        await eventually(lambda: here)
        (socket,) = app[OPEN_SOCKETS].sockets
        while socket.close_code != SLOW:
            await here[0].send("x" * 60_000)
            await asyncio.sleep(0)
        assert socket._outbox is not None
        socket._outbox.abort()


async def test_the_largest_message_can_be_set() -> None:
    class Wide(AsyncWebsocketConsumer):
        socket_limits = SocketLimits(max_message=None)

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.send(f"{len(text_data or '')}")

    class Narrow(Wide):
        socket_limits = SocketLimits(max_message=10)

    async with serving({"/wide": Wide, "/narrow": Narrow}) as (at, _):
        async with connect(f"ws://{at}/wide") as client:
            await client.send("x" * 1_000_000)
            assert await client.recv() == "1000000"
        async with connect(f"ws://{at}/narrow") as client:
            await client.send("x" * 10)
            assert await client.recv() == "10"
            await client.send("x" * 11)
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1009
