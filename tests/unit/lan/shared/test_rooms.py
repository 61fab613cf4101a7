"""Which rooms there are in Redis, and the servers that are none for us."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lanchat.lan.shared.rooms import SETTING
from lanchat.layers import LayerUnreachable
from lanchat.rooms import succession
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.shared.nodes import ROOM, company, problem, said, shared_room, sharing

NARROW = (
    "user lanchat on >word resetchannels &* ~lanchat:* +@read +@write +@stream +@hash +@pubsub +@scripting"
    " +@connection +info +time +config|get"
)


async def test_every_node_has_every_room(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada", "bob") as (ada, bob):
        first, second = await shared_room([ada, bob])
        assert first.record == second.record
        assert first.record.home == succession.SHARED
        other = await bob.node.rooms.open("Workshop")
        await eventually(lambda: other.id in ada.node.rooms)
        assert (await ada.node.rooms.open("Workshop")).id == other.id
    async with company(tmp_path, server, "carl") as (carl,):
        await eventually(lambda: {room.name for room in carl.node.rooms} >= {ROOM, "Workshop"})


async def test_a_room_that_is_forgotten_comes_back_with_a_link_of_its_own(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        former = room._role._upstream  # type: ignore[attr-defined]
        await ada.node.rooms.forget(room)
        await eventually(lambda: room.id in ada.node.rooms)  # it is in Redis, and every node has every room
        shared = ada.node.shared
        assert shared is not None
        await eventually(lambda: former not in shared.shared._links.values())
        again = ada.node.rooms.get(room.id)
        await eventually(lambda: again.info.online)


async def test_nodes_of_another_prefix_have_other_rooms(tmp_path: Path, server: RedisServer) -> None:
    async with (
        company(tmp_path, server, "ada") as (ada,),
        company(tmp_path, server, "eve", redis_prefix="other") as (eve,),
    ):
        (mine,), (theirs,) = await shared_room([ada]), await shared_room([eve])
        assert mine.id != theirs.id


async def test_two_companies_on_one_prefix_stay_apart(
    tmp_path: Path, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        await shared_room([ada])
    server.ask("FLUSHALL")
    async with company(tmp_path, server, "eve") as (eve,):
        await shared_room([eve])
        async with company(tmp_path, server, "ada") as (ada,):
            await eventually(lambda: "another redis_prefix" in problem(ada))
            with pytest.raises(LayerUnreachable, match="another redis_prefix"):
                await ada.node.rooms.open("Workshop")
            assert not any(room.info.online for room in ada.node.rooms)
            assert not {room.id for room in ada.node.rooms} & {room.id for room in eve.node.rooms}
    assert sum("another redis_prefix" in line for line in caplog.messages) == 1


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "redis", "appendonly yes", "appendfsync always", NARROW, "user default off")
    server.launch()
    yield server
    server.stop()


def as_user(server: RedisServer, name: str, password: str) -> str:
    return f"redis://{name}:{password}@127.0.0.1:{server.port}/0"


async def test_a_narrow_user_is_enough(tmp_path: Path, guarded: RedisServer) -> None:
    """docs/protocol.md names what this user may do."""
    async with serving(sharing(tmp_path, "ada", as_user(guarded, "lanchat", "word"))) as ada:
        (room,) = await shared_room([ada])
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            await carl.say(room.id, "hello")
            await carl.said(room.id, 1)
        assert not room.info.may_lose


async def test_a_wrong_password_is_said_at_the_start(tmp_path: Path, guarded: RedisServer) -> None:
    with pytest.raises(LayerUnreachable, match="invalid username-password pair"):
        async with serving(sharing(tmp_path, "ada", as_user(guarded, "lanchat", "wrong"))):
            pass


@pytest.mark.parametrize(
    ("rights", "word"),
    [(("-evalsha", "-eval"), "evalsha"), (("resetkeys", "~other:*"), "key")],
)
async def test_rights_that_are_too_narrow_are_named(
    tmp_path: Path, own_server: RedisServer, rights: tuple[str, ...], word: str
) -> None:
    own_server.ask("ACL", "SETUSER", "default", *rights)
    async with serving(sharing(tmp_path, "ada", own_server.url)) as ada:
        if "evalsha" in word:
            await eventually(lambda: not problem(ada))
            with pytest.raises(Exception, match="no permissions to run the 'evalsha'"):
                await ada.node.rooms.open(ROOM)
        else:
            await eventually(lambda: "no permissions to access one of the keys" in problem(ada))


async def test_a_replica_is_named(tmp_path: Path, own_server: RedisServer) -> None:
    own_server.ask("REPLICAOF", "127.0.0.1", "1")
    async with serving(sharing(tmp_path, "ada", own_server.url)) as ada:
        await eventually(lambda: "replica" in problem(ada).lower())


async def test_what_redis_has_forgotten_is_brought_back_by_a_node_that_starts(
    tmp_path: Path, own_server: RedisServer
) -> None:
    async with company(tmp_path, own_server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            await carl.say(room.id, "hello")
            await carl.said(room.id, 1)
            await in_thread(own_server.stop)
            await eventually(lambda: "cannot be reached" in problem(ada))
    await in_thread(own_server.start)
    async with company(tmp_path, own_server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        assert [event.body.text for event in await said(ada, room)] == ["hello"]
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            await carl.say(room.id, "again")
            await eventually(lambda: room.top == 2)


async def test_a_full_memory_delays_and_loses_nothing(tmp_path: Path, own_server: RedisServer) -> None:
    async with company(tmp_path, own_server, "ada", "bob") as nodes:
        rooms = await shared_room(nodes)
        own_server.ask("CONFIG", "SET", "maxmemory", "1mb")
        async with guest(nodes[0], "Carl") as carl:
            await carl.join(rooms[0].id)
            await carl.say(rooms[0].id, "waits")
            await eventually(lambda: not rooms[0].info.online, what="nothing is numbered")
            assert rooms[0].info.refused == "layer_error"
            own_server.ask("CONFIG", "SET", "maxmemory", "0")
            await carl.said(rooms[0].id, 1)
        await eventually(lambda: [room.top for room in rooms] == [1, 1])


async def test_what_it_belongs_to_is_remembered(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        await shared_room([ada])
        settings: dict[str, Any] = await ada.node.journal.settings()
        assert settings[SETTING] in str(server.ask("GET", "lanchat:{rooms}:cluster"))


async def test_what_can_be_lost_is_said_in_the_log(
    tmp_path: Path, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with company(tmp_path, server, "ada") as (ada,):
        await shared_room([ada])
    assert sum("writes no append-only file" in line for line in caplog.messages) == 1
