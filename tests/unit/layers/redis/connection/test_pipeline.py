import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline, servers_of
from tests.support.conditions import eventually
from tests.support.faults import Wire, cut, half_open
from tests.support.redis.servers import RedisServer, free_port


def pipeline_to(port: int, timeout: float = 5) -> Pipeline:
    return Pipeline(servers_of([("127.0.0.1", port)], timeout)[0])


async def is_stale(pipeline: Pipeline) -> Any:
    return pipeline._connection is not None and await pipeline._connection.stale()


@pytest.fixture
async def pipeline(server: RedisServer) -> AsyncIterator[Pipeline]:
    pipeline = pipeline_to(server.port)
    yield pipeline
    await pipeline.close()


async def test_everybody_gets_their_own_replies_in_order(pipeline: Pipeline) -> None:
    await pipeline.ask(("DEL", "n"))
    replies = await asyncio.gather(*(pipeline.ask(("INCR", "n"), ("INCR", "n")) for _ in range(2000)))
    assert replies == [[2 * n + 1, 2 * n + 2] for n in range(2000)]


async def test_what_was_posted_is_done_before_what_is_asked(pipeline: Pipeline, server: RedisServer) -> None:
    pipeline.post(("SET", "k", "v"))
    pipeline.post(("ZADD", "k", 1, "wrong type"))
    assert await pipeline.ask(("GET", "k")) == [b"v"]
    pipeline.post(("DEL", "k"))
    await pipeline.flush()
    assert server.ask("GET", "k") is None


async def test_an_error_is_the_askers_own(pipeline: Pipeline) -> None:
    wrong, right = await asyncio.gather(pipeline.ask(("NOSUCH",)), pipeline.ask(("PING",)), return_exceptions=True)
    assert isinstance(wrong, LayerError)
    assert "refused" in str(wrong)
    assert right == [b"PONG"]


async def test_who_gives_up_does_not_disturb_the_others(pipeline: Pipeline) -> None:
    tasks = [asyncio.create_task(pipeline.ask(("ECHO", number))) for number in range(100)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [[str(number).encode()] for number in range(1, 100, 2)]
    assert await pipeline.ask(("ECHO", "x")) == [b"x"]


async def test_it_is_there_again_after_the_server_was_away(own_server: RedisServer) -> None:
    pipeline = pipeline_to(own_server.port)
    await pipeline.ask(("PING",))
    own_server.stop()
    await eventually(lambda: is_stale(pipeline))
    with pytest.raises(LayerError, match="cannot be reached now"):
        await pipeline.ask(("PING",))
    own_server.start()
    assert await pipeline.ask(("PING",)) == [b"PONG"]
    await pipeline.close()


async def test_the_first_command_after_a_restart_is_not_lost(own_server: RedisServer) -> None:
    pipeline = pipeline_to(own_server.port)
    await pipeline.ask(("PING",))
    own_server.restart()
    await eventually(lambda: is_stale(pipeline))
    assert await pipeline.ask(("PING",)) == [b"PONG"]
    await pipeline.close()


async def test_what_was_written_is_not_written_again(server: RedisServer) -> None:
    async with Wire(server.port) as wire:
        pipeline = pipeline_to(wire.port)
        await pipeline.ask(("SET", "n", 0))
        with half_open(wire):
            asked = asyncio.create_task(pipeline.ask(("INCR", "n")))
            await eventually(lambda: pipeline._task is not None)
            with cut(wire), pytest.raises(LayerError):
                await asked
        assert await pipeline.ask(("GET", "n")) in ([b"0"], [b"1"])
        await pipeline.close()


async def test_a_server_that_is_silent_is_given_up_in_time(server: RedisServer) -> None:
    async with Wire(server.port) as wire:
        pipeline = pipeline_to(wire.port, timeout=0.5)
        await pipeline.ask(("PING",))
        with half_open(wire):
            start = time.monotonic()
            results = await asyncio.gather(*(pipeline.ask(("PING",)) for _ in range(1000)), return_exceptions=True)
            assert all(isinstance(result, LayerError) for result in results)
            assert time.monotonic() - start < 60
        assert await pipeline.ask(("PING",)) == [b"PONG"]
        await pipeline.close()


async def test_close_tells_who_still_waits(server: RedisServer) -> None:
    pipeline = pipeline_to(server.port)
    await pipeline.ask(("PING",))
    asked = [asyncio.create_task(pipeline.ask(("BZPOPMIN", "nothing", 3))) for _ in range(3)]
    await asyncio.sleep(0)
    await pipeline.close()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(result, LayerError) for result in results)


async def test_nobody_there() -> None:
    pipeline = pipeline_to(free_port())
    with pytest.raises(LayerError, match="cannot be reached now"):
        await pipeline.ask(("PING",))
    pipeline.post(("PING",))
    await pipeline.close()


async def test_who_asks_after_the_end_gets_an_error_and_opens_nothing(server: RedisServer) -> None:
    pipeline = pipeline_to(server.port)
    await pipeline.ask(("PING",))
    await pipeline.close()
    with pytest.raises(LayerError, match="was closed"):
        await pipeline.ask(("PING",))
    assert pipeline._connection is None
