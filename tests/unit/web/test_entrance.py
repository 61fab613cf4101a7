"""Who keeps sockets open, sends half of something or floods: one address at a real node, and others beside it."""

import asyncio
import contextlib
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
import pytest
from aiohttp import web

from lanchat.config import Config
from lanchat.lan.connection import dialling_context
from lanchat.limits import Limits, Turnstile
from lanchat.protocol import VERSION, Hello, Welcome
from lanchat.protocol.codec import encode
from lanchat.web.entrance import PAUSE, Entrance
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving, window
from tests.support.clock import Clock
from tests.support.conditions import eventually

LOW = Limits(
    connections_per_address=10,
    idle_time=60,
    handshake_burst=1000,
    frame_rate=0.1,
    frame_burst=20,
    byte_rate=1000,
    byte_burst=100_000,
    request_rate=0.001,
    request_burst=2,
)
OTHER = "127.0.0.2"
T = TypeVar("T")
HEAD = b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HANDSHAKE = (
    HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MASK = b"\0\0\0\0"


@pytest.fixture
async def server(showcase: Config) -> AsyncIterator[Server]:
    async with serving(msgspec.structs.replace(showcase, limits=LOW)) as server:
        yield server


class Raw:
    """A connection by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @property
    def cut(self) -> bool:
        """Whether the node has closed it."""
        return self.reader.at_eof() or self.reader.exception() is not None

    async def send(self, data: bytes) -> bool:
        """Send, and return whether the connection is still there."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()
        return not self.cut

    async def upgrade(self) -> None:
        await self.send(HANDSHAKE)
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 60)
        assert b" 101 " in head


@contextlib.asynccontextmanager
async def raw(url: str, count: int = 1, address: str = "127.0.0.1") -> AsyncIterator[list[Raw]]:
    """So many connections from an address of this machine."""
    there, here = urlsplit(url), (address, 0)
    tls = dialling_context() if there.scheme == "https" else None
    made = [
        Raw(*await asyncio.open_connection(there.hostname, there.port, local_addr=here, ssl=tls)) for _ in range(count)
    ]
    try:
        yield made
    finally:
        for each in made:
            each.writer.transport.abort()


def open_ones(connections: list[Raw]) -> int:
    return sum(not each.cut for each in connections)


async def late(clock: Clock, connections: list[Raw]) -> None:
    """Let the time for the first byte go by, then that for the rest, until the node has closed them all."""
    for _ in range(20):
        clock.advance(LOW.idle_time + 1)
        with contextlib.suppress(AssertionError):
            await eventually(lambda: open_ones(connections) == 0, 0.3)
            return
    raise AssertionError(f"{open_ones(connections)} are still open")


async def greeted(server: Server, address: str) -> bool:
    """Whether somebody at an address is let in and welcomed."""
    async with raw(server.lan_url, address=address) as (client,):
        await client.upgrade()
        hello = encode(Hello(version=VERSION, client="guest"))
        await client.send(bytes((0x81, 0x80 | len(hello))) + MASK + hello)
        return b"welcome" in await asyncio.wait_for(client.reader.read(4096), 60)


async def has_place(server: Server) -> bool:
    """Whether one more from the common address stays."""
    async with raw(server.lan_url) as (client,):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await client.upgrade()
            return True
    return False


async def test_of_many_silent_sockets_few_stay_and_others_come_in(server: Server) -> None:
    async with raw(server.lan_url, 100) as silent:
        await eventually(lambda: open_ones(silent) == LOW.connections_per_address)
        assert await greeted(server, OTHER)
        async with window(server) as owner:
            assert owner.me == server.node.me
        assert open_ones(silent) == LOW.connections_per_address


async def test_a_place_is_free_again_when_somebody_has_left(server: Server) -> None:
    async with raw(server.lan_url, 50) as silent:
        await eventually(lambda: open_ones(silent) == LOW.connections_per_address)
        assert not await has_place(server)
    async with asyncio.timeout(60):
        while not await has_place(server):
            pass


HALVES = {
    "nothing": b"",
    "half a line": b"GET /ws HT",
    "a head without an end": HEAD + b"X: " + b"y" * 100,
    "an end of the first request and half of a second": b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /",
}


@pytest.mark.parametrize("trick", HALVES)
async def test_who_never_ends_a_request_is_closed(server: Server, clock: Clock, trick: str) -> None:
    async with raw(server.lan_url) as (client,):
        assert await client.send(HALVES[trick])
        if "second" in trick:
            assert b"404" in await asyncio.wait_for(client.reader.readuntil(b"\r\n"), 60)
            await client.reader.read(4096)
        await late(clock, [client])


async def test_a_byte_now_and_then_does_not_keep_a_request_open(server: Server, clock: Clock) -> None:
    async with raw(server.lan_url) as (client,):
        for byte in HEAD[:5]:
            assert await client.send(bytes((byte,)))
            clock.advance(LOW.idle_time / 4)
        await eventually(lambda: client.cut)


async def test_who_says_no_hello_is_closed(server: Server, clock: Clock) -> None:
    async with raw(server.lan_url) as (client,):
        await client.upgrade()
        clock.advance(6)
        await asyncio.wait_for(client.reader.read(), 60)
        assert client.cut


def frame(first: int, payload: bytes = b"") -> bytes:
    return bytes((first, 0x80 | len(payload))) + MASK + payload


FLOODS = {
    "pieces of a frame that never ends": (frame(0x01), frame(0x00)),
    "what is no frame at all": (b"", b"\xff" * 16),
}


@pytest.mark.parametrize("trick", FLOODS)
async def test_bytes_that_never_become_a_frame_are_cut_off(server: Server, trick: str) -> None:
    first, again = FLOODS[trick]
    async with raw(server.lan_url) as (flood,):
        await flood.upgrade()
        await flood.send(first)
        sent = 0
        while await flood.send(again * 100) and sent < 100 * LOW.byte_burst:
            sent += len(again) * 100
            await asyncio.sleep(0)
        assert sent < 100 * LOW.byte_burst
        assert await greeted(server, OTHER)


async def test_a_head_that_never_ends_is_refused(server: Server) -> None:
    async with raw(server.lan_url) as (flood,):
        await flood.send(HEAD)
        sent = 0
        while await flood.send(b"X: " + b"y" * 4000 + b"\r\n") and sent < 1000:
            sent += 1
            await asyncio.sleep(0)
        assert sent < 1000


@pytest.mark.parametrize("trick", ["pings", "lines"])
async def test_frames_at_full_speed_are_read_at_their_pace(server: Server, clock: Clock, trick: str) -> None:
    async with raw(server.lan_url) as (flood,):
        await flood.send(HANDSHAKE.replace(b"/ws", b"/ws/system"))
        await asyncio.wait_for(flood.reader.readuntil(b"\r\n\r\n"), 60)
        sign = b"\x8a\x01x" if trick == "pings" else b"Echo"
        await flood.send(frame(0x89 if trick == "pings" else 0x81, b"x") * 200)
        heard = bytearray()

        async def listen() -> None:
            while data := await flood.reader.read(4096):
                heard.extend(data)

        listening = asyncio.create_task(listen())
        try:
            await eventually(lambda: heard.count(sign) == LOW.frame_burst)
            assert await greeted(server, OTHER)
            assert heard.count(sign) == LOW.frame_burst
            clock.advance(5 / LOW.frame_rate + 1)
            await eventually(lambda: heard.count(sign) > LOW.frame_burst)
            assert heard.count(sign) < 40
        finally:
            listening.cancel()
            await asyncio.wait({listening})


async def test_requests_at_full_speed_are_refused_for_one_address(server: Server) -> None:
    burst = int(LOW.request_burst * LOW.address_share)

    async def status(address: str) -> int:
        connector = aiohttp.TCPConnector(local_addr=(address, 0))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"{server.lan_url}api/node") as answer,
        ):
            if answer.status == 429:
                assert (await answer.json())["code"] == "slow_down"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            return answer.status

    assert [await status("127.0.0.1") for _ in range(burst + 3)] == [200] * burst + [429] * 3
    assert await status(OTHER) == 200
    async with window(server) as owner:
        assert owner.me == server.node.me


async def test_a_link_or_guest_within_the_limits_notices_nothing(config: Config) -> None:
    async with serving(config) as server, guest(server) as client:
        room = await client.enter("hall")
        for number in range(300):
            await client.say(room, f"post {number}")
        assert len(await client.said(room, 300)) == 300


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
async def test_without_a_descriptor_nothing_spins_and_it_goes_on_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, clock: Clock, number: int
) -> None:
    accept, tries = Entrance._accept, []

    async def full(entrance: Entrance) -> Any:
        tries.append(entrance)
        if len(tries) <= 3:
            raise OSError(number, os.strerror(number))
        return await accept(entrance)

    monkeypatch.setattr(Entrance, "_accept", full)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    entrance = Entrance(runner, sock, Turnstile(10, 10))
    await entrance.start()
    try:
        async with aiohttp.ClientSession() as session:
            asking = asyncio.create_task(session.get(entrance.name))
            for count in (1, 2, 3):
                await eventually(lambda count=count: len(tries) == count)  # type: ignore[misc]
                clock.advance(PAUSE)
            async with await asyncio.wait_for(asking, 60) as answer:
                assert answer.status == 404
    finally:
        await runner.cleanup()
    assert len(tries) <= 5
    assert caplog.text.count("Nobody can be let in") == 1


async def test_an_error_of_one_client_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    accept, tries = Entrance._accept, []

    async def gone(entrance: Entrance) -> Any:
        tries.append(entrance)
        if len(tries) == 1:
            raise ConnectionAbortedError(errno.ECONNABORTED, "gone")
        return await accept(entrance)

    monkeypatch.setattr(Entrance, "_accept", gone)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)
    entrance = Entrance(runner, sock, Turnstile(10, 10))
    await entrance.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(entrance.name) as answer:
            assert answer.status == 404
    finally:
        await runner.cleanup()


# TLS on the same port -------------------------------------------------------------------------------------------------


async def plain(server: Server) -> bool:
    """Whether somebody at another address is let in without TLS."""
    return await greeted(server, OTHER)


@contextlib.asynccontextmanager
async def secure(server: Server) -> AsyncIterator[Client]:
    """A client that came by TLS and has said nothing yet."""
    url = f"{server.secure_url}ws"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, ssl=dialling_context(), max_msg_size=0) as socket,
    ):
        yield Client(socket)


async def test_one_port_takes_tls_and_plain_http(server: Server) -> None:
    assert server.secure_url.removeprefix("https") == server.lan_url.removeprefix("http")
    async with secure(server) as client:
        assert (await client.ask(Hello(version=VERSION, client="guest"), Welcome)).node == server.node.info
        assert await plain(server)


async def test_what_is_said_over_tls_reaches_others_and_stays_whole(config: Config) -> None:
    async with serving(config) as server, secure(server) as ada, guest(server, "Bob") as bob:
        await ada.ask(Hello(version=VERSION, client="guest", nick="Ada"), Welcome)
        room = await ada.enter("hall")
        await bob.enter("hall")
        for number in range(300):
            await ada.say(room, f"{number} " + "🍲" * 500)
        assert [event.seq for event in await bob.said(room, 300)] == list(range(1, 301))
        assert [event.seq for event in await ada.said(room, 300)] == list(range(1, 301))


async def test_the_guard_knows_which_origin_is_ours_over_tls(server: Server) -> None:
    async with aiohttp.ClientSession() as session:
        for url, origin, status in (
            (server.secure_url, server.secure_url, 200),
            (server.secure_url, server.lan_url, 403),
            (server.lan_url, server.secure_url, 403),
            (server.secure_url, "https://evil.example/", 403),
        ):
            headers = {"Origin": origin.rstrip("/")}
            async with session.get(f"{url}api/node", headers=headers, ssl=dialling_context()) as answer:
                assert answer.status == status, (url, origin)
        async with session.get(server.secure_url, headers={"Host": "evil.example"}, ssl=dialling_context()) as answer:
            assert answer.status == 421


JUNK = {
    "no TLS behind its first byte": b"\x16" + b"junk" * 50,
    "a record of a hello that is none": b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
    "a hello that is too long": b"\x16\x03\x01\xff\xff" + b"\x01\xff\xff\xff" * 20_000,
    "an alert": b"\x16\x15\x03\x03\x00\x02\x02\x28",
}


@pytest.mark.parametrize("junk", JUNK)
async def test_junk_in_place_of_tls_ends_without_a_trace(
    server: Server, caplog: pytest.LogCaptureFixture, junk: str
) -> None:
    async with raw(server.lan_url) as (client,):
        await client.send(JUNK[junk])
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(client.reader.read(), 5)
        assert client.cut
    assert caplog.text == ""
    assert await plain(server)


BEGUN = {"nothing": b"", "a byte": b"\x16", "half a hello": b"\x16\x03\x01\x02\x00\x01"}


@pytest.mark.parametrize("begun", BEGUN)
async def test_a_handshake_that_is_never_ended_is_closed_and_its_place_free(
    server: Server, clock: Clock, caplog: pytest.LogCaptureFixture, begun: str
) -> None:
    async with raw(server.lan_url, LOW.connections_per_address) as silent:
        for each in silent:
            await each.send(BEGUN[begun])
        assert not await has_place(server)
        clock.advance(LOW.idle_time / 2)
        assert open_ones(silent) == len(silent)
        await late(clock, silent)
    async with asyncio.timeout(5):
        while not await has_place(server):
            pass
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_who_says_goodbye_in_tls_and_stays_is_closed(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """TLS has a goodbye of its own, after which nothing is written any more; the connection below must end as well."""
    there = urlsplit(server.secure_url)
    context, here, far = dialling_context(), ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(here, far, server_side=False)
    async with raw(server.lan_url) as (client,):

        async def go_on(step: Callable[[], T]) -> T:
            while True:
                try:
                    done = step()
                except ssl.SSLWantReadError:
                    await client.send(far.read())
                    here.write(await asyncio.wait_for(client.reader.read(65_536), 5))
                else:
                    await client.send(far.read())
                    return done

        await go_on(tls.do_handshake)
        await go_on(lambda: tls.write(HANDSHAKE.replace(b"127.0.0.1", str(there.hostname).encode())))
        assert b" 101 " in await go_on(lambda: tls.read(4096))
        with contextlib.suppress(ssl.SSLError):
            tls.unwrap()
        await client.send(far.read())
        await asyncio.wait_for(client.reader.read(), 5)
        assert client.cut
    assert caplog.text == ""
