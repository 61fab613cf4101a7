"""Which server of a cluster has a key."""

from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from lanchat.layers.redis.connection import AWAY
from lanchat.layers.redis.connection.cluster import Cluster, SlotEndpoint, read_slots, slot_of
from lanchat.layers.redis.connection.hosts import Host, hosts_of
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import RedisServer, free_port

KEY = "lanchat:{harbour}:head"


def host_of(cluster: RedisCluster, *, key: str = "") -> Host:
    places = [("127.0.0.1", free_port()), *(("127.0.0.1", server.port) for server in cluster.servers)]
    return hosts_of([{"cluster": places, "key": key}])[0]


def test_a_slot_is_that_of_what_stands_in_braces(cluster: RedisCluster) -> None:
    assert slot_of(KEY) == slot_of("harbour") == cluster.servers[0].ask("CLUSTER", "KEYSLOT", KEY)
    assert slot_of("{}x") == cluster.servers[0].ask("CLUSTER", "KEYSLOT", "{}x")


async def test_the_owner_is_found_though_the_first_that_is_named_is_away(cluster: RedisCluster) -> None:
    found = Cluster(host_of(cluster), 5)
    assert str(await found.owner(KEY)) == f"127.0.0.1:{cluster.owner(KEY).port}"
    owners = await found.owners()
    assert {str(server) for server in owners.values()} == {f"127.0.0.1:{each.port}" for each in cluster.servers}
    assert len(owners) == 16_384


async def test_a_cluster_without_slots_is_none_yet(tmp_path: Path) -> None:
    alone = RedisServer(tmp_path / "alone", "cluster-enabled yes", f"cluster-port {free_port()}")
    alone.start()
    try:
        found = Cluster(hosts_of([{"cluster": [("127.0.0.1", alone.port)]}])[0], 5)
        with pytest.raises(AWAY, match="no server has any slot"):
            await found.owners()
        with pytest.raises(AWAY, match="no server has this slot"):
            await found.owner(KEY)
    finally:
        alone.stop()


async def test_a_server_of_no_cluster_says_so(server: RedisServer) -> None:
    found = Cluster(hosts_of([{"cluster": [("127.0.0.1", server.port)]}])[0], 5)
    with pytest.raises(AWAY, match="cluster support disabled"):
        await found.owner(KEY)


async def test_a_connection_leads_to_the_owner_of_now(cluster: RedisCluster) -> None:
    endpoint = SlotEndpoint(host_of(cluster, key=KEY), 5)
    for _ in range(2):
        connection = await endpoint.open()
        assert await connection.ask(("SET", KEY, "x"), timeout=5) == [b"OK"]
        await connection.close()
        assert endpoint.ask_blocking([("GET", KEY)]) == [b"x"]
        cluster.pass_on(KEY, cluster.another(KEY))


def test_without_a_server_nothing_is_asked() -> None:
    endpoint = SlotEndpoint(hosts_of([{"cluster": [("127.0.0.1", free_port())], "key": KEY}])[0], 1)
    with pytest.raises(AWAY):
        endpoint.ask_blocking([("GET", KEY)])


def test_a_server_that_does_not_know_its_name_means_itself() -> None:
    told = [[0, 1, [b"", 7, b"id"], [b"replica", 8, b"id"]], [5, 5, [b"h", 9, b"id", []]]]
    assert read_slots(told, ("asked", 1)) == {0: ("asked", 7), 1: ("asked", 7), 5: ("h", 9)}


@pytest.mark.parametrize("reply", [None, b"x", 3, [[1, 2]], [[b"a", 2, [b"h", 1]]], ResponseError("no")])
def test_another_reply_is_an_error(reply: Any) -> None:
    with pytest.raises(ResponseError):
        read_slots(reply, ("asked", 1))
