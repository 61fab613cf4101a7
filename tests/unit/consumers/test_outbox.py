"""What leaves for a WebSocket: right to the byte, in one write per turn, and never more waiting than the bound."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import connect

from lanchat.consumers import outbox
from lanchat.consumers.aiohttp import socket as aiohttp_socket
from lanchat.consumers.aiohttp.adapter import handler_of
from lanchat.consumers.outbox import LIMIT, SLOW, Fanout, Outbox, binary_frame, text_frame
from lanchat.consumers.websocket import AsyncWebsocketConsumer
from tests.support.clock import Clock
from tests.support.conditions import eventually

LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 300_000]


class Transport(asyncio.WriteTransport):
    """Takes what is written and counts; `stuck` keeps it all, as for a reader that does not read."""

    def __init__(self, *, stuck: bool = False) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.stuck = stuck
        self.closed = self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.writes)) if self.stuck else 0

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True


class Speaker(AsyncWebsocketConsumer):
    """Keeps itself in `here`, so that a test can send through it."""

    here: list["Speaker"]
    code: int | None = None

    async def connect(self) -> None:
        await self.accept()
        self.here.append(self)

    async def disconnect(self, code: int) -> None:
        self.code = code

    @property
    def transport(self) -> asyncio.WriteTransport:
        assert isinstance(self.socket, aiohttp_socket.AiohttpSocket)
        assert self.socket._outbox is not None
        return self.socket._outbox._transport


@asynccontextmanager
async def speaking() -> AsyncIterator[tuple[int, list[Speaker]]]:
    """An app whose every connection has a Speaker."""
    here: list[Speaker] = []

    class Here(Speaker):
        pass

    Here.here = here
    app = web.Application()
    app.router.add_get("/", handler_of(Here))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1], here
    finally:
        await runner.cleanup()


@asynccontextmanager
async def not_reading(port: int) -> AsyncIterator[socket.socket]:
    """A client that shakes hands and then reads nothing."""
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_sendall(
            sock,
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await loop.sock_recv(sock, 1)
        assert head.startswith(b"HTTP/1.1 101")
        yield sock


# Frames ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, "8100"),
        (125, "817d"),
        (126, "817e007e"),
        (65_535, "817effff"),
        (65_536, "817f0000000000010000"),
    ],
)
def test_a_frame_has_the_shortest_head_of_its_length(length: int, head: str) -> None:
    payload = b"x" * length
    assert text_frame(payload) == bytes.fromhex(head) + payload
    assert binary_frame(payload) == b"\x82" + bytes.fromhex(head)[1:] + payload


async def test_two_independent_clients_read_every_length() -> None:
    async with (
        speaking() as (port, here),
        connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None) as one,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/", max_msg_size=0) as two,
    ):
        await eventually(lambda: len(here) == 2)
        texts = ["é"[: length % 2] + "x" * (length - 2 * (length % 2)) for length in LENGTHS]
        for length, text in zip(LENGTHS, texts, strict=True):
            for speaker in here:
                await speaker.send(text)
                await speaker.send(bytes_data=b"\xff" * length)
        for length, text in zip(LENGTHS, texts, strict=True):
            assert await one.recv() == text
            assert await one.recv() == b"\xff" * length
            assert await two.receive_str(timeout=5) == text
            assert await two.receive_bytes(timeout=5) == b"\xff" * length


async def test_pings_do_not_break_into_what_is_sent(clock: Clock) -> None:
    async with speaking() as (port, here), connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
        await eventually(lambda: here)
        for number in range(300):
            await here[0].send(f"{number} " + "x" * 5_000)
            if number % 10 == 0:
                await client.ping()
                clock.advance(aiohttp_socket.PING)
            assert (await asyncio.wait_for(client.recv(), 60)).startswith(f"{number} ".encode().decode())  # type: ignore[arg-type]
        assert here[0].code is None


# One write per turn ---------------------------------------------------------------------------------------------------


async def test_what_one_turn_brings_leaves_in_one_write() -> None:
    fanout = Fanout()
    transports = [Transport() for _ in range(3)]
    boxes = [Outbox(transport, fanout) for transport in transports]
    for number in range(64):
        for box in boxes:
            box.write(text_frame(b"%d" % number))
    assert [transport.writes for transport in transports] == [[], [], []]
    await asyncio.sleep(0)
    whole = b"".join(text_frame(b"%d" % number) for number in range(64))
    assert [transport.writes for transport in transports] == [[whole]] * 3
    boxes[0].write(b"next turn")
    await asyncio.sleep(0)
    assert transports[0].writes == [whole, b"next turn"]
    assert transports[1].writes == [whole]


async def test_a_single_frame_is_not_copied() -> None:
    fanout, transport = Fanout(), Transport()
    frame = text_frame(b"shared")
    transport.write = transport.writes.append  # type: ignore[method-assign, assignment]
    Outbox(transport, fanout).write(frame)
    await asyncio.sleep(0)
    assert transport.writes[0] is frame


async def test_flushed_early_is_not_written_twice() -> None:
    fanout, transport = Fanout(), Transport()
    box = Outbox(transport, fanout)
    box.write(b"a")
    box.flush()
    box.write(b"b")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert transport.writes == [b"a", b"b"]


async def test_nothing_is_written_to_a_closed_connection() -> None:
    fanout, transport = Fanout(), Transport()
    box = Outbox(transport, fanout)
    transport.close()
    box.write(b"a")
    await asyncio.sleep(0)
    assert transport.writes == []
    assert not box.cut


async def test_what_is_pushed_leaves_at_once_and_behind_what_waits() -> None:
    fanout, transport = Fanout(), Transport()
    box = Outbox(transport, fanout)
    box.push(b"a")
    assert transport.writes == [b"a"]
    box.write(b"b")
    box.push(b"c")
    assert transport.writes == [b"a", b"bc"]
    await asyncio.sleep(0)
    assert transport.writes == [b"a", b"bc"]


def test_the_same_text_for_many_is_encoded_once() -> None:
    fanout, text = Fanout(), "Grüße"
    frame = fanout.text(text)
    assert frame == text_frame(text.encode())
    assert fanout.text(text) is frame
    assert fanout.text(b"other") == text_frame(b"other")


# Slow readers ---------------------------------------------------------------------------------------------------------


async def test_who_falls_behind_the_bound_is_told_so_and_cut_off(clock: Clock) -> None:
    fanout, slow, quick = Fanout(), Transport(stuck=True), Transport()
    boxes = [Outbox(slow, fanout), Outbox(quick, fanout)]
    frame = text_frame(b"x" * 1000)
    while not slow.closed:
        for box in boxes:
            box.write(frame)
        await asyncio.sleep(0)
    said = slow.writes.pop()
    assert said == b"\x88\x26" + SLOW.to_bytes(2, "big") + b"too slow; come back with your cursor"
    assert LIMIT < sum(map(len, slow.writes)) <= LIMIT + len(frame)
    count = len(slow.writes)
    boxes[0].write(frame)
    boxes[1].write(frame)
    await asyncio.sleep(0)
    assert len(slow.writes) == count
    assert len(quick.writes) == count + 2  # with the one at which the slow one was cut off
    assert (boxes[0].cut, boxes[1].cut) == (True, False)
    assert not slow.aborted
    clock.advance(outbox._PATIENCE)
    await eventually(lambda: slow.aborted)
    assert not quick.closed


async def test_a_slow_reader_is_cut_off_while_others_go_on() -> None:
    async with (
        speaking() as (port, here),
        connect(f"ws://127.0.0.1:{port}/", compression=None) as quick,
        not_reading(port) as slow,
    ):
        await eventually(lambda: len(here) == 2)
        text, most, sent = "x" * 60_000, 0, 0
        lagging = here[1]
        while not lagging.transport.is_closing():
            for speaker in here:
                speaker.socket.send_text(text)
            sent += 1
            assert await asyncio.wait_for(quick.recv(), 60) == text
            most = max(most, lagging.transport.get_write_buffer_size())
            assert sent < 1000
        assert most <= LIMIT + 70_000
        for _ in range(20):
            for speaker in here:
                speaker.socket.send_text(text)
            await quick.recv()
        data = await take(slow, until=lambda data: b"too slow" in data)
        assert data.count(text_frame(text.encode())) == sent - 1  # the last one cut it off
        assert data.endswith(b"\x88\x26" + SLOW.to_bytes(2, "big") + b"too slow; come back with your cursor")
        await eventually(lambda: lagging.code == SLOW)
        assert here[0].code is None


async def test_who_never_reads_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_PATIENCE", 0.05)
    async with speaking() as (port, here), not_reading(port):
        await eventually(lambda: here)
        while not here[0].transport.is_closing():
            here[0].socket.send_text("x" * 60_000)
            await asyncio.sleep(0)
        await eventually(lambda: here[0].code == SLOW)
        await eventually(lambda: here[0].transport.get_write_buffer_size() == 0)


async def take(sock: socket.socket, until: Callable[[bytes], bool]) -> bytes:
    """Read until enough was read."""
    loop = asyncio.get_running_loop()
    data = bytearray()
    async with asyncio.timeout(60):
        while not until(bytes(data[-200:])):
            part = await loop.sock_recv(sock, 1_000_000)
            assert part, "the connection ended"
            data += part
    return bytes(data)
