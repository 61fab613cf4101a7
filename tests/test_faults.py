"""A fault does what its name says, and nothing of it stays after its block."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest

from tests.conditions import eventually
from tests.faults import Wire, cut, delayed, dripping, half_open, reset_after, stopped


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """A server that sends back what it reads, until the end of the stream."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with echo() as port, Wire(port) as wire:
        yield wire


class Client:
    """One connection through a wire."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> bytes:
        self.writer.write(data)
        await self.writer.drain()
        return await asyncio.wait_for(self.reader.readexactly(len(data)), 5)


@asynccontextmanager
async def client(wire: Wire) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def test_a_wire_carries_both_ways_and_counts(wire: Wire) -> None:
    async with client(wire) as one:
        assert await one.say(b"hello") == b"hello"
        assert wire.carried == 10
        assert wire.connections == 1
    await eventually(lambda: wire.connections == 0)


async def test_a_wire_carries_more_than_any_buffer(wire: Wire) -> None:
    data = bytes(8 * 1024 * 1024)
    async with client(wire) as one:
        one.writer.write(data)
        assert await asyncio.wait_for(one.reader.readexactly(len(data)), 10) == data


async def test_the_end_of_a_stream_goes_through(wire: Wire) -> None:
    async with client(wire) as one:
        one.writer.write(b"last words")
        one.writer.write_eof()
        assert await asyncio.wait_for(one.reader.read(), 5) == b"last words"
        await eventually(lambda: wire.connections == 0)


async def test_a_wire_to_nobody_resets(wire: Wire) -> None:
    async with Wire(1) as nowhere, client(nowhere) as one:
        with pytest.raises(ConnectionError):
            await one.say(b"anybody?")


async def test_cut_resets_and_refuses_until_it_ends(wire: Wire) -> None:
    async with client(wire) as before:
        await before.say(b"a")
        with cut(wire):
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(before.reader.readexactly(1), 5)
            async with client(wire) as during:
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                    await during.say(b"b")
    async with client(wire) as after:
        assert await after.say(b"c") == b"c"


async def test_delayed_keeps_the_order_and_ends(wire: Wire) -> None:
    async with client(wire) as one:
        await one.say(b"a")
        began = time.monotonic()
        with delayed(wire, 0.05):
            one.writer.write(b"1")
            assert await one.say(b"23") == b"12"
            assert time.monotonic() - began >= 0.1
        assert await one.say(b"4") == b"3"


async def test_half_open_is_silent_and_loses_nothing(wire: Wire) -> None:
    async with client(wire) as one:
        await one.say(b"a")
        with half_open(wire):
            one.writer.write(b"b")
            async with client(wire) as two:
                two.writer.write(b"c")
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(one.reader.readexactly(1), 0.05)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(two.reader.readexactly(1), 0.05)
        assert await asyncio.wait_for(one.reader.readexactly(1), 5) == b"b"


async def test_a_connection_made_while_half_open_comes_alive(wire: Wire) -> None:
    with half_open(wire):
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(b"hello")
        await eventually(lambda: wire.connections == 1)
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b"hello"
    writer.transport.abort()


async def test_reset_after_lets_exactly_so_many_bytes_through(wire: Wire) -> None:
    async with client(wire) as one:
        with reset_after(wire, 7):
            one.writer.write(b"hello")
            assert await asyncio.wait_for(one.reader.readexactly(2), 5) == b"he"
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(one.reader.readexactly(1), 5)
            async with client(wire) as next_one:
                assert await next_one.say(b"on we go") == b"on we go"


async def test_dripping_never_ends() -> None:
    drops = dripping(0.001)
    assert [await anext(drops) for _ in range(3)] == [b" "] * 3
    await drops.aclose()


def test_a_stopped_process_stands_still_and_goes_on() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child:
        process = psutil.Process(child.pid)
        with stopped(child.pid):
            assert process.status() == psutil.STATUS_STOPPED
        assert process.status() != psutil.STATUS_STOPPED
        child.communicate(b"\n", timeout=5)
    assert child.returncode == 0
