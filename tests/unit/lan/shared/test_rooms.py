"""Which rooms there are in Redis, and the servers that are none for us."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from lanchat.lan.shared import rooms as shared_rooms
from lanchat.lan.shared.stream import RoomStream
from lanchat.layers import LayerError
from lanchat.protocol import Notification
from lanchat.rooms import succession
from tests.support.clients import guest, serving
from tests.support.conditions import LONG, eventually
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
        assert room.info.shared
        assert not room.info.may_lose


async def test_a_wrong_password_is_said_at_the_start(
    tmp_path: Path, guarded: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(sharing(tmp_path, "ada", as_user(guarded, "lanchat", "wrong"))) as ada:
        await eventually(lambda: "lets nobody in by this name and password" in problem(ada))
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([line for line in told if "lets nobody in" in line]) == 1


async def test_a_node_starts_while_redis_is_away_and_joins_when_it_is_there(
    tmp_path: Path, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What it has is read, what is said waits, and what others tell its people comes once Redis does."""
    async with company(tmp_path, own_server, "ada", "bob") as (ada, bob):
        room, _ = await shared_room([ada, bob])
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            await carl.say(room.id, "before")
            await carl.said(room.id, 1)
    await in_thread(own_server.stop)
    caplog.clear()
    caplog.set_level(logging.WARNING)
    async with company(tmp_path, own_server, "ada", "bob") as (ada, bob):
        await eventually(lambda: [line for line in caplog.messages if "cannot be reached now" in line])
        async with guest(ada, "Carl") as carl, guest(bob, "Dora") as dora:
            assert [event.body.text for event in (await carl.join(room.id)).events] == ["before"]
            await carl.say(room.id, "meanwhile")
            await in_thread(own_server.start)
            await carl.said(room.id, 1)
            await eventually(lambda: bob.node.rooms.get(room.id).top == 2)
            assert [event.body.text for event in (await dora.join(room.id)).events] == ["before", "meanwhile"]
            await eventually(lambda: bob.node.notifications.joined and ada.node.notifications.joined)
            await dora.say(room.id, "@Carl there you are")
            await carl.hear(Notification)
    assert len([line for line in caplog.messages if "cannot be reached now" in line]) <= 2  # one for each node


async def test_a_first_room_is_opened_once_redis_is_there(tmp_path: Path, own_server: RedisServer) -> None:
    await in_thread(own_server.stop)
    async with company(tmp_path, own_server, "ada", room=ROOM) as (ada,):
        await eventually(lambda: "cannot be reached" in problem(ada))
        await in_thread(own_server.start)
        await eventually(lambda: ROOM in [room.name for room in ada.node.rooms])


@pytest.mark.parametrize(
    ("rights", "word"),
    [
        (("-evalsha", "-eval"), "evalsha"),
        (("-xadd",), "XADD"),
        (("-info",), "info"),
        (("-subscribe",), "SUBSCRIBE"),
        (("resetkeys", "~other:*"), "keys"),
    ],
)
async def test_rights_that_are_too_narrow_are_named(
    tmp_path: Path, own_server: RedisServer, rights: tuple[str, ...], word: str
) -> None:
    own_server.ask("ACL", "SETUSER", "default", *rights)
    async with serving(sharing(tmp_path, "ada", own_server.url)) as ada:
        await eventually(lambda: word in problem(ada), what=word)
        own_server.ask("ACL", "SETUSER", "default", "+@all", "allkeys")
        await eventually(lambda: not problem(ada))


async def test_a_redis_that_answers_nothing_does_not_hold_up_who_opens_a_room(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other ids are tried for a moment only: everybody else who opens a room waits meanwhile."""
    async with serving(sharing(tmp_path, "ada", server.url)) as ada:
        await eventually(lambda: not problem(ada))
        assert ada.node.shared is not None
        tried: list[str] = []

        async def silent(stream: RoomStream, *_: int) -> NoReturn:
            tried.append(stream.room)
            await asyncio.get_running_loop().create_future()
            raise AssertionError

        monkeypatch.setattr(RoomStream, "view", silent)
        monkeypatch.setattr(shared_rooms, "PATIENCE", 0.01)
        record = succession.found("a new one", ada.node.info, ada.node.me.id)
        placed = await asyncio.wait_for(ada.node.shared.shared._placed(record), LONG)
    assert (placed, tried) == (record, [record.id])


async def test_a_replica_is_named(tmp_path: Path, own_server: RedisServer) -> None:
    own_server.ask("REPLICAOF", "127.0.0.1", "1")
    async with serving(sharing(tmp_path, "ada", own_server.url)) as ada:
        await eventually(lambda: "is a read-only replica" in problem(ada))


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


@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru"])
async def test_a_memory_that_is_full_at_the_start_is_said(
    tmp_path: Path, own_server: RedisServer, policy: str, caplog: pytest.LogCaptureFixture
) -> None:
    own_server.ask("CONFIG", "SET", "maxmemory", "1" if policy == "noeviction" else "100mb")
    own_server.ask("CONFIG", "SET", "maxmemory-policy", policy)
    async with serving(sharing(tmp_path, "ada", own_server.url)) as ada:
        if policy == "noeviction":
            await eventually(lambda: "has no memory left" in problem(ada))
        else:
            await eventually(lambda: not problem(ada))
            assert any("maxmemory-policy noeviction" in line for line in caplog.messages)


@pytest.mark.parametrize("key", ["cluster", "list", "names"])
async def test_foreign_keys_are_named_and_left_alone(tmp_path: Path, server: RedisServer, key: str) -> None:
    server.ask("RPUSH", f"lanchat:{{rooms}}:{key}", "mine")
    async with serving(sharing(tmp_path, "ada", server.url)) as ada:
        if key == "names":  # only who makes a room needs it
            await eventually(lambda: not problem(ada))
            with pytest.raises(LayerError, match="holds something else"):
                await ada.node.rooms.open(ROOM)
        else:
            await eventually(lambda: "holds something else" in problem(ada))
    assert server.ask("LRANGE", f"lanchat:{{rooms}}:{key}", 0, -1) == [b"mine"]


async def test_what_can_be_lost_is_said_in_the_log(
    tmp_path: Path, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with company(tmp_path, server, "ada") as (ada,):
        await shared_room([ada])
    assert sum("writes no append-only file" in line for line in caplog.messages) == 1
