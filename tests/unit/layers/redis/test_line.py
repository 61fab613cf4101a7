import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lanchat.errors import LayerError
from lanchat.layers.redis.connection import servers_of
from lanchat.layers.redis.line import Line
from tests.support.conditions import eventually
from tests.support.faults import Wire, cut, half_open
from tests.support.redis.servers import RedisServer, free_port


def line_to(port: int, timeout: float = 5) -> Line:
    return Line(servers_of([("127.0.0.1", port)], timeout)[0])


async def is_stale(line: Line) -> Any:
    return line._connection is not None and await line._connection.stale()


@pytest.fixture
async def line(server: RedisServer) -> AsyncIterator[Line]:
    line = line_to(server.port)
    yield line
    await line.close()


async def test_everybody_gets_their_own_replies_in_order(line: Line) -> None:
    await line.ask(("DEL", "n"))
    replies = await asyncio.gather(*(line.ask(("INCR", "n"), ("INCR", "n")) for _ in range(2000)))
    assert replies == [[2 * n + 1, 2 * n + 2] for n in range(2000)]


async def test_what_was_posted_is_done_before_what_is_asked(line: Line, server: RedisServer) -> None:
    line.post(("SET", "k", "v"))
    line.post(("ZADD", "k", 1, "wrong type"))
    assert await line.ask(("GET", "k")) == [b"v"]
    line.post(("DEL", "k"))
    await line.flush()
    assert server.ask("GET", "k") is None


async def test_an_error_is_the_askers_own(line: Line) -> None:
    wrong, right = await asyncio.gather(line.ask(("NOSUCH",)), line.ask(("PING",)), return_exceptions=True)
    assert isinstance(wrong, LayerError)
    assert "refused" in str(wrong)
    assert right == [b"PONG"]


async def test_who_gives_up_does_not_disturb_the_others(line: Line) -> None:
    tasks = [asyncio.create_task(line.ask(("ECHO", number))) for number in range(100)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [[str(number).encode()] for number in range(1, 100, 2)]
    assert await line.ask(("ECHO", "x")) == [b"x"]


async def test_it_is_there_again_after_the_server_was_away(own_server: RedisServer) -> None:
    line = line_to(own_server.port)
    await line.ask(("PING",))
    own_server.stop()
    await eventually(lambda: is_stale(line))
    with pytest.raises(LayerError, match="cannot be reached now"):
        await line.ask(("PING",))
    own_server.start()
    assert await line.ask(("PING",)) == [b"PONG"]
    await line.close()


async def test_the_first_command_after_a_restart_is_not_lost(own_server: RedisServer) -> None:
    line = line_to(own_server.port)
    await line.ask(("PING",))
    own_server.restart()
    await eventually(lambda: is_stale(line))
    assert await line.ask(("PING",)) == [b"PONG"]
    await line.close()


async def test_what_was_written_is_not_written_again(server: RedisServer) -> None:
    async with Wire(server.port) as wire:
        line = line_to(wire.port)
        await line.ask(("SET", "n", 0))
        with half_open(wire):
            asked = asyncio.create_task(line.ask(("INCR", "n")))
            await eventually(lambda: line._task is not None)
            with cut(wire), pytest.raises(LayerError):
                await asked
        assert await line.ask(("GET", "n")) in ([b"0"], [b"1"])
        await line.close()


async def test_a_server_that_is_silent_is_given_up_in_time(server: RedisServer) -> None:
    async with Wire(server.port) as wire:
        line = line_to(wire.port, timeout=0.5)
        await line.ask(("PING",))
        with half_open(wire):
            start = time.monotonic()
            results = await asyncio.gather(*(line.ask(("PING",)) for _ in range(1000)), return_exceptions=True)
            assert all(isinstance(result, LayerError) for result in results)
            assert time.monotonic() - start < 4
        assert await line.ask(("PING",)) == [b"PONG"]
        await line.close()


async def test_close_tells_who_still_waits(server: RedisServer) -> None:
    line = line_to(server.port)
    await line.ask(("PING",))
    asked = [asyncio.create_task(line.ask(("BZPOPMIN", "nothing", 3))) for _ in range(3)]
    await asyncio.sleep(0)
    await line.close()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(result, LayerError) for result in results)


async def test_nobody_there() -> None:
    line = line_to(free_port())
    with pytest.raises(LayerError, match="cannot be reached now"):
        await line.ask(("PING",))
    line.post(("PING",))
    await line.close()
