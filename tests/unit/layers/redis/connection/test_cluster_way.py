"""Commands that go to the servers of a cluster, also while slots move."""

from collections.abc import AsyncIterator

import pytest

from lanchat.layers import LayerError, LayerUnreachable
from lanchat.layers.redis import deployment_of
from lanchat.layers.redis.connection import Script, Way
from tests.support.conditions import eventually
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import in_thread

KEYS = [f"{{{tag}}}:key" for tag in "abcdefgh"]
KEY, OTHER = "{harbour}:one", "{harbour}:two"
BOTH = Script("return redis.call('EXISTS', KEYS[1], KEYS[2])")


@pytest.fixture
async def way(cluster: RedisCluster) -> AsyncIterator[Way]:
    way = deployment_of(cluster.url, 5).way()
    yield way
    await way.close()


async def test_replies_come_in_the_order_of_the_commands(way: Way) -> None:
    assert await way.ask(*(("SET", key, key) for key in KEYS)) == [b"OK"] * len(KEYS)
    assert await way.ask(*(("GET", key) for key in KEYS)) == [key.encode() for key in KEYS]


async def test_a_script_is_sent_to_each_server_that_does_not_know_it(way: Way) -> None:
    for key in KEYS:
        assert await BOTH.run(way, (key, key), ()) == [0]


async def test_an_error_names_the_cluster(way: Way) -> None:
    with pytest.raises(LayerError, match=r"at the cluster of .* holds something else"):
        await way.ask(("SET", KEY, "x"), ("HGET", KEY, "x"))


async def test_a_slot_that_has_moved_is_found(way: Way, cluster: RedisCluster) -> None:
    await way.ask(("SET", KEY, "x"))
    for _ in range(3):
        await in_thread(cluster.pass_on, KEY, cluster.another(KEY))
        assert await way.ask(("GET", KEY), ("GET", KEYS[0])) == [b"x", None]


async def test_while_a_slot_moves_each_key_is_found_and_several_wait(way: Way, cluster: RedisCluster) -> None:
    await way.ask(("SET", KEY, "x"), ("SET", OTHER, "y"))
    source, target = cluster.owner(KEY), cluster.another(KEY)
    with cluster.passing(KEY, target):
        assert await BOTH.run(way, (KEY, OTHER), ()) == [2]
        cluster.migrate(source, target, KEY.encode())
        assert await way.ask(("GET", KEY), ("GET", OTHER)) == [b"x", b"y"]
        with pytest.raises(LayerUnreachable, match="just now"):
            await BOTH.run(way, (KEY, OTHER), ())
        cluster.migrate(source, target, OTHER.encode())
        assert await BOTH.run(way, (KEY, OTHER), ()) == [2]
    assert await BOTH.run(way, (KEY, OTHER), ()) == [2]


async def test_each_server_has_a_tag(way: Way, cluster: RedisCluster) -> None:
    servers = await way.servers("probe")
    assert {str(server.endpoint) for server in servers} == {f"127.0.0.1:{each.port}" for each in cluster.servers}
    for server in servers:
        assert await server.way.ask(("SET", f"{{{server.tag}}}", "x")) == [b"OK"]


async def test_what_is_posted_is_done_and_what_fails_is_nobodys_trouble(way: Way, cluster: RedisCluster) -> None:
    way.post(("SET", KEY, "x"))
    way.post(("HGET", KEY, "x"))
    await eventually(lambda: cluster.owner(KEY).ask("GET", KEY) == b"x")


async def test_a_way_that_is_closed_brings_nothing(cluster: RedisCluster) -> None:
    way = deployment_of(cluster.url, 5).way()
    await way.ask(("GET", KEY))
    way.post(("SET", KEY, "x"))
    await way.close()
    with pytest.raises(LayerError):
        await way.ask(("GET", KEY))


async def test_a_cluster_that_is_away_is_named() -> None:
    way = deployment_of("cluster://127.0.0.1:1", 1).way()
    with pytest.raises(LayerUnreachable, match=r"the cluster of 127\.0\.0\.1:1 cannot be reached"):
        await way.ask(("GET", KEY))
    with pytest.raises(LayerUnreachable):
        await way.servers("probe")
