"""A fault does what its name says, and nothing of it stays after its block."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, cast

import psutil
import pytest

from tests.support.conditions import eventually
from tests.support.faults import (
    Clock,
    Wire,
    cut,
    damaged,
    delayed,
    dripping,
    flipped,
    half_open,
    jumped,
    killed,
    lasting,
    lossy,
    partition,
    reset_after,
    slow_reader,
    stopped,
    stunted,
    swallowed,
    truncated,
    zeroed,
)
from tests.support.faults.files import FLIPS, PAGE, Damage
from tests.support.places import ROOT


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
        return await asyncio.wait_for(self.reader.readexactly(len(data)), 60)


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
        assert await asyncio.wait_for(one.reader.read(), 60) == b"last words"
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
                await asyncio.wait_for(before.reader.readexactly(1), 60)
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
        assert await asyncio.wait_for(one.reader.readexactly(1), 60) == b"b"


async def test_a_connection_made_while_half_open_comes_alive(wire: Wire) -> None:
    with half_open(wire):
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(b"hello")
        await eventually(lambda: wire.connections == 1)
    assert await asyncio.wait_for(reader.readexactly(5), 60) == b"hello"
    writer.transport.abort()


async def test_reset_after_lets_exactly_so_many_bytes_through(wire: Wire) -> None:
    async with client(wire) as one:
        with reset_after(wire, 7):
            one.writer.write(b"hello")
            assert await asyncio.wait_for(one.reader.readexactly(2), 60) == b"he"
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(one.reader.readexactly(1), 60)
            async with client(wire) as next_one:
                assert await next_one.say(b"on we go") == b"on we go"


async def test_a_slow_reader_is_heard_and_takes_nothing(wire: Wire) -> None:
    data = bytes(32 * 1024 * 1024)
    async with client(wire) as one:
        await one.say(b"a")
        with slow_reader(wire):
            carried = wire.carried
            one.writer.write(b"b")
            await eventually(lambda: wire.carried == carried + 1, what="it is heard")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(one.reader.readexactly(1), 0.05)
            one.writer.write(data)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(one.writer.drain(), 0.5)
        assert len(await asyncio.wait_for(one.reader.readexactly(1 + len(data)), 20)) == 1 + len(data)


async def test_swallowed_answers_are_lost_and_break_the_connection_in_the_end(wire: Wire) -> None:
    async with client(wire) as one:
        await one.say(b"a")
        with swallowed(wire):
            carried = wire.carried
            one.writer.write(b"hello")
            await eventually(lambda: wire.carried == carried + 10, what="it was heard and answered")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(one.reader.readexactly(1), 0.05)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(one.reader.readexactly(1), 60)
    async with client(wire) as after:
        assert await after.say(b"b") == b"b"


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


_WRITER = """
import sys
file = open(sys.argv[1], "wb", buffering=0)
for line in sys.stdin:
    try:
        print(file.write(b"x" * 10), flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
"""


def test_a_stunted_process_writes_so_far_and_later_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "file")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        to, back = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)

        def write() -> bytes:
            to.write(b"\n")
            to.flush()
            return back.readline()

        with suppress(ZeroDivisionError), stunted(child.pid, 15):
            assert [write() for _ in range(3)] == [b"10\n", b"5\n", b"File too large\n"]
            raise ZeroDivisionError
        assert write() == b"10\n"
    assert (tmp_path / "file").stat().st_size == 25


class Sleeper:
    """A process that can be killed and started again."""

    def __init__(self) -> None:
        self.again()

    def again(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def kill(self) -> int:
        self.process.kill()
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait()


def test_a_killed_process_is_gone_and_comes_back_whatever_happens() -> None:
    sleeper = Sleeper()
    first = sleeper.process.pid
    with suppress(ZeroDivisionError), killed(sleeper):
        assert not psutil.pid_exists(first)
        raise ZeroDivisionError
    assert sleeper.process.poll() is None
    assert sleeper.kill() == -signal.SIGKILL


def bits(one: bytes, two: bytes) -> int:
    """Count the bits in which two texts of the same length differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(two, "big")).bit_count()


@pytest.mark.parametrize("damage", [flipped, truncated, zeroed])
def test_a_damaged_file_is_whole_again_afterwards(tmp_path: Path, damage: Damage) -> None:
    path = tmp_path / "x.db"
    whole = random.Random(1).randbytes(5 * PAGE)
    path.write_bytes(whole)
    for seed in range(50):
        with suppress(ZeroDivisionError), damaged(path, damage, random.Random(seed)):
            broken = path.read_bytes()
            path.write_bytes(b"replaced")
            path.with_name("x.db-wal").write_bytes(b"of something else")
            raise ZeroDivisionError
        assert path.read_bytes() == whole
        assert list(tmp_path.iterdir()) == [path]
        assert broken != whole
        if damage is flipped:
            assert 1 <= bits(broken, whole) <= FLIPS
        elif damage is truncated:
            assert whole.startswith(broken)
        else:
            assert bytes(PAGE) in broken


def test_a_clock_jumps_and_the_monotonic_one_goes_on(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    program = (
        "import pathlib, sys, time\n"
        "from tests.support.faults import Clock\n"
        "Clock(pathlib.Path(sys.argv[1])).install()\n"
        "while input():\n"
        "    print(time.time(), time.time_ns(), time.monotonic(), flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(clock.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:

        def look() -> tuple[float, float]:
            """How wrong the process's clock is, and its monotonic clock."""
            assert child.stdin is not None
            assert child.stdout is not None
            print("now", file=child.stdin, flush=True)
            seconds, nanoseconds, monotonic = child.stdout.readline().split()
            assert float(seconds) == pytest.approx(int(nanoseconds) / 1e9, abs=1)
            return float(seconds) - time.time(), float(monotonic)

        wrong, began = look()
        assert wrong == pytest.approx(0, abs=1)
        assert began == pytest.approx(time.monotonic(), abs=1)
        with jumped(clock, -86_400):
            wrong, later = look()
            assert wrong == pytest.approx(-86_400, abs=1)
            assert began < later < began + 60
        assert look()[0] == pytest.approx(0, abs=1)


def test_the_network_of_this_machine_is_never_broken() -> None:
    for fault in (lossy(10), partition(80)):
        with pytest.raises(RuntimeError, match="inside tests/support/lan/lab only"), fault:
            pass


async def test_a_fault_lasts() -> None:
    began = time.monotonic()
    await lasting(0.05)
    assert time.monotonic() - began >= 0.05
