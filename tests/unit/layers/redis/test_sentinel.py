"""A master that dies, and the replica that sentinels put in its place."""

from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from lanchat.layers import LayerError, LayerUnreachable, Message
from lanchat.layers.redis.layer import RedisLayer
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisSentinel
from tests.support.redis.watched import Watched
from tests.unit.layers.conftest import Kind


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    servers = Watched(tmp_path)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


async def test_a_failover_is_an_outage_that_ends_by_itself(kind: Kind, watched: Watched) -> None:
    async with kind(watched.hosts, timeout=1) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "before"})
        await eventually(lambda: got == [{"type": "before"}])
        watched.master.stop()
        with pytest.raises(LayerError):
            await layer.group_send("g", {"type": "lost"})
        await eventually(watched.has_failed_over, timeout=20)
        await eventually(lambda: layer.statistics().reconnects == 1, timeout=10)
        await eventually(lambda: _is(layer, [channel]), timeout=10)
        await layer.group_send("g", {"type": "after"})
        await eventually(lambda: got == [{"type": "before"}, {"type": "after"}])
        await eventually(lambda: _sent(layer, channel))
        await eventually(lambda: got[2:] == [{"type": "sync"}])


def _sent(layer: RedisLayer[Any], channel: str) -> bool:
    try:
        layer.send_sync(channel, {"type": "sync"})
    except LayerUnreachable:  # the Sentinel may still ask the new master whether it is one
        return False
    return True


def begun(sentinel: RedisSentinel) -> bool:
    try:
        sentinel.ask("SENTINEL FAILOVER", "chat")
    except redis.ResponseError:  # it has not yet seen that the replica is good
        return False
    return True


async def _is(layer: RedisLayer[Any], members: list[str]) -> Any:
    try:
        return await layer.group_members("g") == members
    except LayerError:
        return False


async def test_a_master_that_became_a_replica_is_left(kind: Kind, watched: Watched) -> None:
    async with kind(watched.hosts, timeout=1) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        await eventually(lambda: begun(watched.sentinel), timeout=20, what="the sentinel begins")
        await eventually(watched.has_failed_over, timeout=20)

        async def arrives() -> Any:
            try:
                await layer.group_send("g", {"type": "after"})
            except LayerError:
                return False
            return bool(got)

        await eventually(arrives, timeout=20)


async def test_sentinels_that_know_no_such_master(kind: Kind, watched: Watched) -> None:
    hosts = [{"sentinels": [("127.0.0.1", watched.sentinel.port)], "master_name": "unknown"}]
    layer = kind(hosts, timeout=1)
    refused: list[Awaitable[Any]] = [layer.send("a", {"type": "t"}), layer.group_members("g")]
    for each in refused:
        with pytest.raises(LayerError, match="No master found"):
            await each
    with pytest.raises(LayerError, match="No master found"):
        layer.send_sync("a", {"type": "t"})
    await layer.close()
