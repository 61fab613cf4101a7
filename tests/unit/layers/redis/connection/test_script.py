"""Scripts that Redis may have forgotten."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline, Script, servers_of
from tests.support.redis.servers import RedisServer

APPEND = Script("return redis.call('RPUSH', KEYS[1], unpack(ARGV))")


@pytest.fixture
async def pipeline(server: RedisServer) -> AsyncIterator[Pipeline]:
    pipeline = Pipeline(servers_of([("127.0.0.1", server.port)], 5)[0])
    yield pipeline
    await pipeline.close()


async def test_it_is_sent_once_and_again_when_it_was_forgotten(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("SCRIPT", "FLUSH")
    server.ask("CONFIG", "RESETSTAT")
    assert await APPEND.run(pipeline, ["list"], [1]) == [1]
    assert await APPEND.run(pipeline, ["list"], ["2", b"3"]) == [3]
    sent = server.ask("INFO", "commandstats")
    assert (sent["cmdstat_eval"]["calls"], sent["cmdstat_evalsha"]["calls"]) == (1, 2)
    server.ask("SCRIPT", "FLUSH")
    assert await asyncio.gather(*(APPEND.run(pipeline, ["list"], [n]) for n in range(3))) == [[4], [5], [6]]


async def test_what_goes_behind_it_is_asked_with_it(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("SCRIPT", "FLUSH")
    assert await APPEND.run(pipeline, ["list"], [1], [("LLEN", "list"), ("PING",)]) == [1, 1, b"PONG"]


async def test_what_it_cannot_do_is_said(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("SET", "list", "x")
    with pytest.raises(LayerError, match="WRONGTYPE"):
        await APPEND.run(pipeline, ["list"], [1])
