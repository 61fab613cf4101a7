"""Whose a Redis is: of nodes that met there before, of others, of those of another version, and an empty one."""

from pathlib import Path

import pytest

from lanchat.lan.shared.catalogue import ClusterMark
from lanchat.lan.shared.rooms import SETTING
from lanchat.layers import LayerUnreachable
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import guest
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.shared.nodes import company, problem, said, shared_room


async def talk(server: Server, room: Room, text: str = "hello") -> None:
    """Have somebody say something that Redis numbers."""
    async with guest(server, "Carl") as carl:
        await carl.join(room.id)
        await carl.say(room.id, text)
        await carl.said(room.id, 1)


async def remembered(server: Server) -> str:
    """Return the id of its company that a node remembers, once it does."""

    async def known() -> str:
        mark = ClusterMark.remembered((await server.node.journal.settings()).get(SETTING, ""))
        return mark.id if mark is not None and not mark.new else ""

    return await eventually(known, what="the node remembers its company")


async def test_two_companies_on_one_prefix_stay_apart(
    tmp_path: Path, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await talk(ada, room)
        await remembered(ada)
    server.ask("FLUSHALL")
    async with company(tmp_path, server, "eve") as (eve,):
        (room,) = await shared_room([eve])
        await talk(eve, room)
        await remembered(eve)
        async with company(tmp_path, server, "ada") as (ada,):
            await eventually(lambda: "another redis_prefix" in problem(ada))
            with pytest.raises(LayerUnreachable, match="another redis_prefix"):
                await ada.node.rooms.open("Workshop")
            assert not any(room.info.online for room in ada.node.rooms)
            assert not {room.id for room in ada.node.rooms} & {room.id for room in eve.node.rooms}
    assert sum("another redis_prefix" in line for line in caplog.messages) == 1


async def test_a_node_of_another_version_shares_nothing_and_takes_nothing_away(
    tmp_path: Path, server: RedisServer
) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await talk(ada, room)
        mark = server.ask("GET", "lanchat:{rooms}:cluster")
        server.ask("SET", "lanchat:{rooms}:cluster", mark.replace(b'"format":1', b'"format":2'))
        async with company(tmp_path, server, "eve") as (eve,):
            await eventually(lambda: "run the same version" in problem(eve))
            with pytest.raises(LayerUnreachable, match="run the same version"):
                await eve.node.rooms.open("Workshop")
            assert room.id not in {each.id for each in eve.node.rooms}
        await eventually(lambda: "run the same version" in problem(ada))
        server.ask("SET", "lanchat:{rooms}:cluster", mark)
        await eventually(lambda: not problem(ada))
        assert [event.body.text for event in await said(ada, room)] == ["hello"]


async def test_an_empty_redis_that_a_new_node_meets_first_is_filled_by_who_had_it(
    tmp_path: Path, own_server: RedisServer
) -> None:
    """The new node has opened a room of its own, of which nothing is lost either."""
    async with company(tmp_path, own_server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await talk(ada, room)
        await remembered(ada)
    await in_thread(own_server.stop)
    await in_thread(own_server.start)
    async with company(tmp_path, own_server, "eve") as (eve,):
        (workshop,) = await shared_room([eve], "Workshop")
        async with company(tmp_path, own_server, "ada") as (ada,):
            mirrors = await shared_room([ada, eve])
            assert [each.id for each in mirrors] == [room.id, room.id]
            await eventually(lambda: [each.top for each in mirrors] == [1, 1], what="what was said is at both")
            await eventually(lambda: workshop.id in ada.node.rooms, what="both have the new room")
            await talk(eve, workshop, "new here")
            await eventually(lambda: ada.node.rooms.get(workshop.id).top == 1)
            assert await remembered(eve) == await remembered(ada)


async def test_what_it_belongs_to_is_remembered(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        await talk(ada, room)
        assert await remembered(ada) in str(server.ask("GET", "lanchat:{rooms}:cluster"))
