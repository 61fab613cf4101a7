"""A room that three nodes share through one Redis, which is killed, emptied and replaced while people talk at all."""

import contextlib
import random
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lanchat.journal import RoomRecord
from lanchat.rooms import succession
from tests.recovery.crowd import CATCH_UP, Crowd, one_at_each
from tests.recovery.node import Node
from tests.support.conditions import eventually
from tests.support.faults import killed, lasting
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import RedisServer, Valkey, in_thread
from tests.support.redis.watched import Watched

NAMES = ("ann", "bob", "cleo")
SAFE = ("appendonly yes", "appendfsync always")


@contextlib.asynccontextmanager
async def three_nodes(folder: Path, redis: str) -> AsyncIterator[Crowd]:
    """Three nodes of one shared room, and somebody at each."""
    nodes = [Node(folder / name, name, redis=redis) for name in NAMES]
    room = RoomRecord(id=secrets.token_hex(16), name="room", home=succession.SHARED)
    async with one_at_each(nodes, [room] * len(nodes)) as crowd:
        yield crowd


@contextlib.contextmanager
def redis_server(folder: Path, *settings: str, kind: type[RedisServer] = RedisServer) -> Iterator[RedisServer]:
    server = kind(folder, *settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def ends_well(crowd: Crowd) -> None:
    """Nothing acknowledged is lost, doubled or out of order, and all nodes have the same."""
    await crowd.verdict()
    first, *others = [node.journal().entries for node in crowd.nodes]
    assert all(entries == first for entries in others)
    assert [entry.seq for entry in first] == list(range(1, len(first) + 1))


@pytest.mark.parametrize("times", [pytest.param(2, id="short"), pytest.param(20, id="long", marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        pytest.param(RedisServer, SAFE, id="kept"),
        pytest.param(RedisServer, (), id="forgotten"),
        pytest.param(Valkey, ("appendonly yes", "appendfsync everysec"), id="waited for"),
    ],
)
async def test_redis_is_killed_and_comes_back(
    tmp_path: Path, dice: random.Random, times: int, kind: type[RedisServer], settings: tuple[str, ...]
) -> None:
    """With its file it has everything again; without one the nodes bring it back."""
    with redis_server(tmp_path / "redis", *settings, kind=kind) as redis:
        async with three_nodes(tmp_path, redis.url) as crowd:
            spans = []
            async with crowd.talking(dice, every=0.02):
                for _ in range(times):
                    await crowd.more(20)
                    await in_thread(redis.stop)
                    await lasting(0.3)
                    await in_thread(redis.start)
                    begun = time.monotonic()
                    await crowd.more(1)
                    spans.append(time.monotonic() - begun)
            print(f"numbered again after at most {max(spans):.1f} s")
            await ends_well(crowd)


@pytest.mark.parametrize("times", [pytest.param(2, id="short"), pytest.param(10, id="long", marks=pytest.mark.soak)])
async def test_redis_is_emptied(tmp_path: Path, dice: random.Random, times: int) -> None:
    with redis_server(tmp_path / "redis", *SAFE) as redis:
        async with three_nodes(tmp_path, redis.url) as crowd:
            async with crowd.talking(dice, every=0.02):
                for _ in range(times):
                    await crowd.more(20)
                    await in_thread(redis.ask, "FLUSHALL")
                    await crowd.more(20)
            await ends_well(crowd)


@pytest.mark.parametrize("times", [pytest.param(1, id="short"), pytest.param(10, id="long", marks=pytest.mark.soak)])
async def test_a_replica_takes_over_that_lacks_what_was_acknowledged(
    tmp_path: Path, dice: random.Random, times: int
) -> None:
    """A failover takes a few seconds: the sentinel has to find out, and to agree with itself."""
    watched = Watched(tmp_path, *SAFE)
    try:
        await in_thread(watched.start)
        async with three_nodes(tmp_path, watched.url) as crowd:
            async with crowd.talking(dice, every=0.02):
                for _ in range(times):
                    await crowd.more(20)
                    await in_thread(watched.replica.stop)
                    await crowd.more(20)  # which the replica does not hear of
                    await in_thread(watched.master.stop)
                    await in_thread(watched.replica.start)
                    await eventually(watched.has_failed_over, CATCH_UP, "the replica is master")
                    await crowd.more(20)
                    watched.change_places()
                    await in_thread(watched.replica.start)
                    await eventually(watched.is_followed, CATCH_UP, "the former master follows")
            await ends_well(crowd)
            assert any("has them again" in node.log for node in crowd.nodes)
    finally:
        watched.stop()


@contextlib.contextmanager
def redis_cluster(folder: Path) -> Iterator[RedisCluster]:
    cluster = RedisCluster(folder, *SAFE)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.mark.parametrize("times", [pytest.param(2, id="short"), pytest.param(20, id="long", marks=pytest.mark.soak)])
async def test_a_room_moves_through_a_cluster(tmp_path: Path, dice: random.Random, times: int) -> None:
    """Its slot is passed on, key by key, from server to server."""
    with redis_cluster(tmp_path / "redis") as cluster:
        async with three_nodes(tmp_path, cluster.url) as crowd:
            key = f"lanchat:{{{crowd.room}}}:head"

            async def pass_on() -> None:
                source, target = cluster.owner(key), cluster.another(key)
                with cluster.passing(key, target) as keys:
                    for each in keys:
                        await in_thread(cluster.migrate, source, target, each)
                        await lasting(0.05)  # in which the room is in two places

            async with crowd.talking(dice, every=0.02):
                for _ in range(times):
                    await crowd.more(20)
                    await pass_on()
                    await crowd.more(20)
            await ends_well(crowd)
            print(f"acknowledged after at most {crowd.longest:.1f} s, of {crowd.acknowledged} posts")


async def test_a_node_is_killed_while_redis_is_away(tmp_path: Path, dice: random.Random) -> None:
    """What was said at it waits on its disk."""
    with redis_server(tmp_path / "redis") as redis:
        async with three_nodes(tmp_path, redis.url) as crowd:
            async with crowd.talking(dice, every=0.02):
                await crowd.more(20)
                await in_thread(redis.stop)
                with killed(crowd.nodes[1]):
                    await lasting(0.3)
                    await in_thread(redis.start)
                await crowd.nodes[1].ready()
                await crowd.more(20)
            await ends_well(crowd)
