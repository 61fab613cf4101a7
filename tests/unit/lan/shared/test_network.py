"""What a node that shares rooms knows of the others."""

from pathlib import Path
from unittest.mock import AsyncMock, patch

import pytest
from msgspec.structs import replace

from lanchat.errors import NoSuchRoom
from lanchat.journal import RoomRecord
from lanchat.lan.directory.namesakes import gives_way_to
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import ROOM, company, shared_room

FAR = RoomRecord(id="f" * 32, name=ROOM, home=NodeInfo(id="far", name="Far"), addresses=("127.0.0.1:9",))


async def test_a_name_means_a_room_in_redis(tmp_path: Path, server: RedisServer) -> None:
    """A room of that name on the LAN is another one, and is entered by its id."""
    async with company(tmp_path, server, "ada") as (ada,):
        with patch.object(ada.node.network, "find", lambda name="", room="": FAR if FAR.id == room else None):
            (room,) = await shared_room([ada])
            assert room.id != FAR.id
            far = await ada.node.rooms.enter(FAR.id)
            assert (far.record.home, far.kind) == (FAR.home, "mirror")
            with pytest.raises(NoSuchRoom):
                await ada.node.rooms.enter("e" * 32)


async def test_a_shared_room_gives_way_to_nobody_and_is_introduced_to_nobody(
    tmp_path: Path, own_server: RedisServer
) -> None:
    async with company(tmp_path, own_server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        own_server.stop()
        await eventually(lambda: not room.info.online)
        rival = replace(room.info, id=FAR.id, node=FAR.home, kind="found", top=9, online=True)
        with (
            patch.object(ada.node.network, "found", lambda: [rival]),
            patch.object(ada.node.network, "answers_as_home", AsyncMock(return_value=True)),
        ):
            assert gives_way_to(room.info, [rival]) == FAR.id
            await ada.node.unions.look()
        assert room.id in ada.node.rooms
        assert ada.node.directory.offered() == []
