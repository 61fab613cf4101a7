import asyncio
import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from lanchat.layers.redis.connection import AWAY, RedisEndpoint, pauses, refused, servers_of, unreachable
from tests.support.conditions import eventually
from tests.support.faults import Wire, half_open
from tests.support.redis.servers import RedisServer, free_port


def at(port: int, timeout: float = 5) -> RedisEndpoint:
    [server] = servers_of([("127.0.0.1", port)], timeout)
    return server


async def test_commands_and_their_replies(server: RedisServer) -> None:
    connection = await at(server.port).open()
    replies = await connection.ask(("SET", "k", b"\xff"), ("GET", "k"), ("ZADD", "k", 1, "m"), ("GET", "no"), timeout=5)
    assert (replies[0], replies[1], replies[3]) == (b"OK", b"\xff", None)
    assert isinstance(replies[2], ResponseError)
    await connection.close()
    await connection.close()


async def test_by_a_socket_and_with_a_password(tmp_path: Path) -> None:
    secured = RedisServer(tmp_path / "redis", "unixsocket redis.sock", "requirepass secret")
    secured.launch()
    urls = (f"unix://:secret@{secured.folder}/redis.sock?db=3", f"redis://:secret@127.0.0.1:{secured.port}/3")
    try:
        for server in servers_of(urls, 5):
            await eventually(lambda server=server: opens(server))  # type: ignore[misc]
            assert server.ask_blocking([("PING",)]) == [b"PONG"]
        stranger = await at(secured.port).open()
        with pytest.raises(AWAY, match="Authentication required"):
            await stranger.ask(("PING",), timeout=5)
        await stranger.close()
    finally:
        secured.stop()


async def opens(server: RedisEndpoint) -> Any:
    try:
        connection = await server.open()
    except AWAY:
        return False
    replies = await connection.ask(("CLIENT", "LIST"), timeout=5)
    await connection.close()
    return b"db=3" in replies[0]


async def test_a_blocking_read_may_take_longer_than_the_timeout(server: RedisServer) -> None:
    connection = await at(server.port, timeout=0.5).open()
    start = time.monotonic()
    assert await connection.ask(("BZPOPMIN", "nothing", 0.8), timeout=5) == [None]
    assert time.monotonic() - start > 0.7
    await connection.close()


async def test_what_does_not_answer_in_time_is_away(server: RedisServer) -> None:
    connection = await at(server.port).open()
    with pytest.raises(AWAY):
        await connection.ask(("BZPOPMIN", "nothing", 5), timeout=0.05)
    assert await connection.stale()
    with pytest.raises(AWAY):
        await connection.write(("PING",))
    await connection.close()


async def test_nobody_there_and_nobody_answering_are_away() -> None:
    with pytest.raises(AWAY):
        await at(free_port()).open()
    async with Wire(free_port()) as wire:
        with half_open(wire), pytest.raises(AWAY):
            await at(wire.port, timeout=0.1).open()


async def test_a_lost_server_is_noticed(own_server: RedisServer) -> None:
    connection = await at(own_server.port).open()
    assert not await connection.stale()
    own_server.stop()
    with pytest.raises(AWAY):
        await connection.read(5)
    assert await connection.stale()
    await connection.close()


async def test_silence_is_none_and_half_a_reply_is_not_lost(server: RedisServer) -> None:
    connection = await at(server.port).open()
    await connection.write(("SUBSCRIBE", "t"))
    assert await connection.read(5) == [b"subscribe", b"t", 1]
    assert await connection.read(0.01) is None
    await asyncio.to_thread(server.ask, "PUBLISH", "t", "x" * 3_000_000)
    heard = None
    while heard is None:
        heard = await connection.read(0.001)
    assert heard == [b"message", b"t", b"x" * 3_000_000]
    await connection.close()


def test_blocking_without_a_loop_leaves_nothing_open(server: RedisServer) -> None:
    assert at(server.port).ask_blocking([("SET", "k", "v"), ("GET", "k")]) == [b"OK", b"v"]
    with pytest.raises(AWAY):
        at(free_port()).ask_blocking([("PING",)])


def test_what_people_read() -> None:
    assert str(at(7000)) == "127.0.0.1:7000"
    assert str(unreachable("h:1", TimeoutError())) == "Redis at h:1 cannot be reached now: it did not answer in time."
    assert str(refused("h:1", ResponseError("OOM no room."))) == "Redis at h:1 refused: OOM no room."


def test_pauses_grow_up_to_a_bound() -> None:
    waits = list(itertools.islice(pauses(0.1, 1.0), 10))
    assert waits[0] < 0.2
    assert all(wait <= 1.25 for wait in waits)
    assert waits[-1] >= 0.75
