"""A room on its way into Redis, and what is left of one that never arrived."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.errors import CannotMove, JournalFailed
from lanchat.lan.shared.moves.passage import Passage
from lanchat.rooms import Room, succession
from lanchat.web.server import Server
from tests.support.clients import guest
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, problem


@pytest.fixture
async def ada(tmp_path: Path, server: RedisServer) -> AsyncIterator[Server]:
    async with company(tmp_path, server, "ada", "bob") as (ada, _):
        await eventually(lambda: not problem(ada), what="Redis is there")
        yield ada


@pytest.fixture
async def room(ada: Server) -> Room:
    """Something was said in it."""
    room = await ada.node.rooms.settle(succession.found("Harbour", ada.node.info, ada.node.me.id))
    async with guest(ada, "Carl") as carl:
        await carl.join(room.id)
        await carl.say(room.id, "hello")
        await carl.said(room.id, 1)
    return room


def passage(ada: Server, room: Room) -> Passage:
    assert ada.node.shared is not None
    return ada.node.shared.shared.passage(room)


def lasts(server: RedisServer, room: Room) -> list[bool]:
    """Return of each key of a room whether it lasts."""
    return [server.ask("PTTL", key) == -1 for key in server.ask("KEYS", f"lanchat:{{{room.id}}}:*")]


async def test_what_comes_goes_by_itself_until_the_room_is_there(server: RedisServer, ada: Server, room: Room) -> None:
    moving = passage(ada, room)
    await moving.begin()
    assert not await moving.bring()
    assert lasts(server, room) == [False, False, False]
    assert server.ask("HGET", "lanchat:{rooms}:list", room.id) is None
    await moving.end(ada.node.rooms)
    await eventually(lambda: room.info.online, what="Redis numbers the room")
    assert lasts(server, room) == [True, True, True]
    assert room.info.shared


async def test_the_node_that_began_begins_anew_and_nobody_else_does(
    server: RedisServer, ada: Server, room: Room
) -> None:
    await passage(ada, room).begin()
    moving = passage(ada, room)
    await moving.begin()
    assert not await moving.bring()
    server.ask("HSET", f"lanchat:{{{room.id}}}:head", "filler", "another")
    with pytest.raises(CannotMove, match="another node brings it"):
        await passage(ada, room).begin()
    await moving.give_up()
    assert server.ask("EXISTS", f"lanchat:{{{room.id}}}:head") == 1, "what another node brings stays"


async def test_a_room_that_had_another_home_meanwhile_stays(server: RedisServer, ada: Server, room: Room) -> None:
    moving = passage(ada, room)
    await moving.begin()
    await room.kept.raise_term(room.term + 1)
    with pytest.raises(CannotMove, match="another home meanwhile"):
        await moving.end(ada.node.rooms)
    await moving.give_up()
    assert (room.kind, room.info.online) == ("home", True)
    assert lasts(server, room) == []


async def test_a_move_that_is_given_up_leaves_nothing_in_redis_and_nobody_waiting(
    server: RedisServer, ada: Server, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = passage(ada, room)
    await moving.begin()
    async with guest(ada, "Carl") as carl:
        await carl.join(room.id)

        def fail(_record: object) -> None:
            raise JournalFailed

        monkeypatch.setattr(ada.node.journal.ledgers, "leave", fail)
        with pytest.raises(JournalFailed):
            await moving.end(ada.node.rooms)
        await carl.say(room.id, "meanwhile")
        await moving.give_up()
        await carl.said(room.id, 1)
    assert room.kind == "home"
    assert lasts(server, room) == []
