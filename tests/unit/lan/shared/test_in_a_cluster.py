"""Rooms whose Redis is a cluster: each is on one of its servers."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lanchat.lan.shared import stream as streams
from lanchat.protocol import Notification
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.shared.nodes import problem, said, shared_room, sharing


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings are over soon."""
    monkeypatch.setattr(streams, "MEETING", 0.1)


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[RedisCluster]:
    cluster = RedisCluster(tmp_path / "redis")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
async def nodes(tmp_path: Path, own_cluster: RedisCluster) -> AsyncIterator[list[Server]]:
    async with (
        serving(sharing(tmp_path, "ada", own_cluster.url)) as ada,
        serving(sharing(tmp_path, "bob", own_cluster.url)) as bob,
    ):
        yield [ada, bob]


def key(room: Room) -> str:
    return f"lanchat:{{{room.id}}}:head"


async def rooms_at(nodes: list[Server], cluster: RedisCluster, at: list[RedisServer]) -> list[Room]:
    """Open a room at one of some servers; gives its mirrors."""
    while True:
        rooms = await shared_room(nodes, f"room {secrets.token_hex(4)}")
        if cluster.owner(key(rooms[0])) in at:
            return rooms


async def test_where_a_server_is_away_its_rooms_wait_and_the_others_go_on(
    nodes: list[Server], own_cluster: RedisCluster
) -> None:
    lists = own_cluster.owner("{rooms}")
    away = own_cluster.another("{rooms}")
    waiting = await rooms_at(nodes, own_cluster, [away])
    going = await rooms_at(nodes, own_cluster, [each for each in own_cluster.servers if each is not away])
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        for client in (carl, dora):
            for rooms in (waiting, going):
                await client.join(rooms[0].id)
        await carl.say(waiting[0].id, "before")
        await dora.said(waiting[0].id, 1)
        await in_thread(away.stop)
        await eventually(lambda: not any(each.info.online for each in waiting), what="its rooms wait")
        await carl.say(waiting[0].id, "meanwhile")
        await carl.say(going[0].id, "goes on")
        await eventually(lambda: [each.top for each in going] == [1, 1], what="the others go on")
        assert [each.top for each in waiting] == [1, 1]
        assert [event.body.text for event in (await dora.join(waiting[0].id)).events] == ["before"]
        assert lists.answers()
        await eventually(lambda: not problem(nodes[0]))
        news = [await nodes[0].node.rooms.open(f"room {secrets.token_hex(4)}") for _ in range(6)]
        await in_thread(away.start)
        await eventually(lambda: [each.top for each in waiting] == [2, 2], what="what waited is said")
        await eventually(lambda: all(each.id in nodes[1].node.rooms for each in news))
    assert await said(nodes[0], waiting[0]) == await said(nodes[1], waiting[1])
    assert away not in {own_cluster.owner(key(each)) for each in news}


async def test_notifications_go_through_the_cluster(nodes: list[Server]) -> None:
    room, _ = await shared_room(nodes)
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        await carl.join(room.id)
        await dora.join(room.id)
        await carl.say(room.id, "hello")
        await dora.said(room.id, 1)
        await eventually(lambda: all(node.node.notifications.joined for node in nodes))
        await dora.say(room.id, "@Carl there you are")
        await carl.hear(Notification)


async def test_a_server_that_would_stop_all_is_named(
    tmp_path: Path, own_cluster: RedisCluster, caplog: pytest.LogCaptureFixture
) -> None:
    own_cluster.servers[1].ask("CONFIG", "SET", "cluster-require-full-coverage", "yes")
    async with serving(sharing(tmp_path, "ada", own_cluster.url)) as ada:
        await eventually(lambda: not problem(ada))
    told = [line for line in caplog.messages if "cluster-require-full-coverage" in line]
    assert len(told) == 1
    assert f"127.0.0.1:{own_cluster.servers[1].port} " in told[0]


async def test_a_server_of_a_cluster_alone_says_what_to_write(tmp_path: Path, own_cluster: RedisCluster) -> None:
    async with serving(sharing(tmp_path, "ada", own_cluster.another("{rooms}").url)) as ada:
        await eventually(lambda: "begins with cluster://" in problem(ada))
