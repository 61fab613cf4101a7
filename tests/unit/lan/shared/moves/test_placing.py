"""Where a room is by now: for a node that was away when it moved, and for a Redis that has forgotten that it did."""

from pathlib import Path

import pytest

from lanchat.errors import JournalFailed
from lanchat.lan.shared import stream as streams
from lanchat.protocol import StartOver
from lanchat.rooms import Room, succession
from lanchat.web.server import Server
from tests.support.clients import guest
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, said, shared_room


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings are over soon."""
    monkeypatch.setattr(streams, "MEETING", 0.1)


async def taken_out(node: Server, room: Room) -> None:
    """Take a room out of Redis."""
    assert node.node.shared is not None
    await node.node.shared.shared.release(room)
    await eventually(lambda: room.kind == "home", what="the node has the room")


async def say(node: Server, room: Room, text: str) -> None:
    async with guest(node, text.title()) as client:
        await client.join(room.id)
        await client.say(room.id, text)
        await eventually(lambda: node.node.journal.top(room.id) == room.top > 0)
        await client.said(room.id, 1)


async def test_a_node_that_was_away_learns_where_the_room_went(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        rooms = await shared_room(nodes)
        await say(nodes[0], rooms[0], "together")
        await eventually(lambda: rooms[1].top == 1)
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await taken_out(ada, room)
        await say(ada, room, "at home")
        async with company(tmp_path, server, "bob") as (bob,):
            await eventually(lambda: bob.node.rooms.get(room.id).record.home == ada.node.info)
            await eventually(lambda: bob.node.rooms.get(room.id).info.online)
            await say(bob, bob.node.rooms.get(room.id), "from bob")
        texts = [event.body.text for event in await said(ada, room)]
        assert texts == ["together", "at home", "from bob"]


async def test_where_redis_forgot_it_and_was_filled_again_nothing_is_lost(tmp_path: Path, server: RedisServer) -> None:
    """Ada has taken the room out; bob, who was away, finds an empty Redis and fills it. Then they meet."""
    async with company(tmp_path, server, "ada", "bob") as nodes:
        rooms = await shared_room(nodes)
        await say(nodes[0], rooms[0], "together")
        await eventually(lambda: rooms[1].top == 1)
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await taken_out(ada, room)
        await say(ada, room, "at home")
    cluster = server.ask("GET", "lanchat:{rooms}:cluster")
    server.ask("FLUSHALL")
    server.ask("SET", "lanchat:{rooms}:cluster", cluster)
    async with company(tmp_path, server, "bob") as (bob,):
        (room,) = await shared_room([bob])
        await say(bob, room, "from bob")
    async with company(tmp_path, server, "ada", "bob") as nodes:
        both = [node.node.rooms.get(room.id) for node in nodes]

        await eventually(lambda: [each.top for each in both] == [3, 3], what="both have everything")
        histories = [[event.body.text for event in await said(*each)] for each in zip(nodes, both, strict=True)]
        assert histories == [["together", "from bob", "at home"]] * 2
        await eventually(lambda: all(each.info.online for each in both))


def kept(server: RedisServer, room: Room) -> dict[str, bytes]:
    """Return the keys of a room, and the list, as a replica has them that hears nothing more."""
    keys = [*server.ask("KEYS", f"lanchat:{{{room.id}}}:*"), b"lanchat:{rooms}:list"]
    return {key: server.ask("DUMP", key) for key in keys}


def take_over(server: RedisServer, room: Room, keys: dict[str, bytes]) -> None:
    """Let a replica that has these keys be in the place of a server."""
    for key, value in keys.items():
        server.ask("RESTORE", key, 0, value, "REPLACE")
    server.ask("HSET", f"lanchat:{{{room.id}}}:head", "run", "another")


async def test_a_replica_that_has_not_heard_where_the_room_went_is_told(tmp_path: Path, server: RedisServer) -> None:
    """What the home has numbered since then keeps its numbers; so it does for who had followed it."""
    async with company(tmp_path, server, "ada", "bob") as nodes, guest(nodes[0], "Carl") as carl:
        rooms = await shared_room(nodes)
        await carl.join(rooms[0].id)
        await carl.say(rooms[0].id, "together")
        await eventually(lambda: rooms[1].top == 1)
        before = kept(server, rooms[0])
        await taken_out(nodes[0], rooms[0])
        await carl.say(rooms[0].id, "at home")
        await eventually(lambda: rooms[1].record.home == nodes[0].node.info and rooms[1].top == 2)
        take_over(server, rooms[0], before)
        head = f"lanchat:{{{rooms[0].id}}}:head"
        await eventually(lambda: server.ask("HGET", head, "state") == b"moved", what="Redis knows it again")
        await eventually(lambda: server.ask("HGET", "lanchat:{rooms}:list", rooms[0].id) is None)
        await say(nodes[1], rooms[1], "from bob")
        await eventually(lambda: rooms[0].top == 3)
        assert [room.record.home for room in rooms] == [nodes[0].node.info] * 2
        await carl.heard_nothing(StartOver, rooms[0].id)


async def test_a_replica_that_numbers_again_before_anybody_has_the_room_goes_on(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await say(ada, room, "first")
        before = kept(server, room)
        shared = ada.node.shared
        assert shared is not None
        with monkeypatch.context() as patched:

            async def fail(*_: object) -> None:
                raise JournalFailed

            patched.setattr(type(ada.node.rooms), "rehome", fail)
            await shared.shared.release(room)
            await eventually(lambda: shared.shared._released(room))
            take_over(server, room, before)
            await eventually(lambda: not shared.shared._released(room))
        await say(ada, room, "second")
        assert [event.body.text for event in await said(ada, room)] == ["first", "second"]
        assert succession.is_shared(room.record)


async def test_a_mirror_of_the_network_goes_to_the_redis_that_its_node_shares(
    tmp_path: Path, server: RedisServer
) -> None:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        rooms = await shared_room(nodes)
        await say(nodes[0], rooms[0], "first")
        await taken_out(nodes[0], rooms[0])
        await eventually(lambda: rooms[1].record.home == nodes[0].node.info and rooms[1].info.online)
        shared = nodes[0].node.shared
        assert shared is not None
        moving = shared.shared.passage(rooms[0])
        await moving.begin()
        await moving.end(nodes[0].node.rooms)
        await eventually(lambda: all(succession.is_shared(each.record) and each.info.online for each in rooms))
        await say(nodes[1], rooms[1], "second")
        await eventually(lambda: rooms[0].top == 2)
