"""What becomes of a history in Redis when others write there, and when Redis does not answer."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest

from lanchat.layers import LayerError
from lanchat.layers.history import GroupFollower, HistoryBounds, Position
from lanchat.layers.redis import wire
from tests.support.conditions import eventually
from tests.support.layers.histories import KEPT, said, say
from tests.support.redis.servers import RedisServer, in_thread
from tests.unit.layers.conftest import Kind, MakeLayer

STREAM, TOP = wire.history_keys("asgi", "kept")


async def test_it_is_one_for_all_processes(make: MakeLayer) -> None:
    one, two = await make(history=KEPT), await make(history=KEPT)
    await say(one, 1)
    await say(two, 2)
    assert said(await one.group_history("kept")) == said(await two.group_history("kept")) == [1, 2]


@pytest.mark.parametrize("settings", [{"serializer_format": "json"}, {"symmetric_encryption_keys": ["secret"]}])
async def test_it_is_written_as_messages_are(make: MakeLayer, server: RedisServer, settings: dict[str, Any]) -> None:
    layer = await make(history=KEPT, **settings)
    await say(layer, 1)
    assert said(await layer.group_history("kept")) == [1]
    [[_, fields]] = server.ask("XRANGE", STREAM, "-", "+")
    assert (b'"n": 1' in fields[b"body"]) == ("serializer_format" in settings)


async def test_what_is_too_old_is_gone_by_the_clock_of_redis(make: MakeLayer, server: RedisServer) -> None:
    layer = await make(history={"kept": HistoryBounds(seconds=60)})
    await say(layer, 1, 2)
    server.ask("XDEL", STREAM, "1-0")
    server.ask("DEL", STREAM)
    server.ask("XADD", STREAM, "1-0", "at", time.time() - 61, "body", b"\x81\xa1n\x01")
    server.ask("XADD", STREAM, "2-0", "at", time.time(), "body", b"\x81\xa1n\x02")
    assert said(await layer.group_history("kept")) == [2]
    assert server.ask("XLEN", STREAM) == 1


async def test_it_leaves_redis_in_the_end(make: MakeLayer, server: RedisServer) -> None:
    layer = await make(history={"kept": HistoryBounds(seconds=60)})
    await say(layer, 1)
    known = (await layer.group_history("kept")).position
    assert 0 < server.ask("TTL", STREAM) <= 60
    assert 60 < server.ask("TTL", TOP) <= 86_460
    server.ask("DEL", STREAM)
    page = await layer.group_history("kept", known)
    assert (page.entries, page.start_over) == ([], False)
    await say(layer, 2)
    assert said(await layer.group_history("kept", known)) == [2]
    assert int(server.ask("HGET", TOP, "size")) == len(server.ask("XRANGE", STREAM, "-", "+")[0][1][b"body"])


async def test_who_knew_what_redis_lost_starts_over(make: MakeLayer, server: RedisServer) -> None:
    layer = await make(history=KEPT)
    await say(layer, 1, 2)
    known = (await layer.group_history("kept")).position
    server.ask("FLUSHALL")
    await say(layer, 3)
    page = await layer.group_history("kept", known)
    assert (said(page), page.start_over, page.missed) == ([3], True, None)


@pytest.mark.parametrize(
    "foreign",
    [
        (("SET", STREAM, "x"),),
        (("SET", TOP, "x"),),
        (("XADD", STREAM, "99-0", "at", "1", "body", "x"),),
        (("DEL", TOP), ("XADD", STREAM, "99-0", "at", "1", "body", "x")),
    ],
    ids=["a text as stream", "a text as top", "a number that is too high", "a stream of nobody"],
)
async def test_what_others_wrote_in_its_place_does_not_stop_it(
    make: MakeLayer, server: RedisServer, foreign: tuple[tuple[Any, ...], ...]
) -> None:
    layer = await make(history=KEPT)
    await say(layer, 1)
    for command in foreign:
        if command[0] == "XADD":
            server.ask("DEL", STREAM)
        server.ask(*command)
    await say(layer, 2)
    assert said(await layer.group_history("kept"))[-1] == 2
    await say(layer, 3)
    assert said(await layer.group_history("kept"))[-2:] == [2, 3]


async def test_what_is_no_message_is_passed_over(make: MakeLayer, server: RedisServer) -> None:
    layer = await make(history=KEPT)
    await say(layer, 1)
    server.ask("XADD", STREAM, "2-0", "at", time.time(), "body", b"\xff")
    server.ask("HSET", TOP, "seq", 2)
    await say(layer, 3)
    page = await layer.group_history("kept")
    assert (said(page), page.more) == ([1, 3], False)


async def test_without_redis_it_says_so_and_goes_on_when_it_is_back(
    kind: Kind, own_server: RedisServer, closing: AsyncExitStack
) -> None:
    layer = await closing.enter_async_context(kind([own_server.url], history={"kept": HistoryBounds()}, timeout=1))
    channel = await layer.new_channel()
    reader = GroupFollower(layer, "kept")
    await reader.start(channel)
    await say(layer, 1)
    async with asyncio.timeout(60):
        assert said(await reader.take(await layer.receive(channel))) == [1]
    await in_thread(own_server.stop)
    with pytest.raises(LayerError):
        await layer.group_history("kept")
    await in_thread(own_server.start)

    async def answers() -> Any:
        try:
            await layer.group_history("kept")
        except LayerError:
            return False
        return True

    await eventually(answers)
    await say(layer, 2)
    run = await reader.resume()
    assert (said(run), run.start_over) == ([2], True)
    assert run.missed is None


async def test_a_position_of_somebody_else_is_only_a_position(make: MakeLayer) -> None:
    layer = await make(history=KEPT)
    await say(layer, 1)
    page = await layer.group_history("kept", Position("0" * 32, 10**17))
    assert (said(page), page.start_over) == ([1], True)
