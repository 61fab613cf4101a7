"""The composition root: what a node is made of, what it remembers, and its first room."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from lanchat import node as node_module
from lanchat.config import Config
from lanchat.errors import (
    AlreadyRunning,
    DataDirUnusable,
    InvalidNick,
    InvalidRoomName,
    JournalDamaged,
    JournalError,
    LanchatError,
    LayerUnreachable,
)
from lanchat.journal import Draft, RoomRecord
from lanchat.journal.repair.opening import suspect
from lanchat.lan.discovery.discovery import Discovery
from lanchat.node import Node
from lanchat.protocol import Body, NodeInfo, Notification, RoomInfo
from lanchat.rooms.succession import may_yield
from tests.support.clients import guest, serving, window
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.sessions import Recorder

ELSEWHERE = NodeInfo(id="e" * 32, name="elsewhere")
OFFER = RoomRecord(id="f" * 32, name="busy", home=ELSEWHERE, addresses=("127.0.0.1:1",))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes look around for a moment only."""
    monkeypatch.setattr(node_module, "LOOK_AROUND", 0.05)


@asynccontextmanager
async def appeared(config: Config) -> AsyncIterator[Node]:
    """A node that thinks that it is on the network."""

    async def nowhere(discovery: Discovery, port: int) -> None: ...

    with patch.object(Discovery, "start", nowhere):
        async with Node(config) as node:
            await node.appear(1)
            yield node


def offer(node: Node, record: RoomRecord, members: int = 1) -> None:
    """Let the node find a room on the network."""
    info = RoomInfo(id=record.id, name=record.name, node=record.home, kind="found", members=members, top=0, online=True)
    node.network.found = lambda: [info]  # type: ignore[method-assign]
    node.network.find = lambda *, name="", room="": record if record.id == room or record.name == name else None  # type: ignore[method-assign]


def names(node: Node) -> list[str]:
    return [room.name for room in node.rooms]


async def test_a_node_keeps_its_identity_and_its_person(config: Config) -> None:
    async with Node(config) as node:
        who, owner = node.info, node.me
        assert len(who.id) == len(owner.id) == 32
        assert (who.name, owner.nick) == ("test", "Tester")
        assert who.id != owner.id
    async with Node(msgspec.structs.replace(config, name="renamed", nick="")) as node:
        assert node.info == NodeInfo(id=who.id, name="renamed")
        assert node.me == owner


async def test_a_name_that_is_given_wins_and_stays(config: Config) -> None:
    async with Node(config):
        pass
    async with Node(msgspec.structs.replace(config, nick="Given")) as node:
        assert node.me.nick == "Given"
    async with Node(msgspec.structs.replace(config, nick="")) as node:
        assert node.me.nick == "Given"


async def test_two_directories_are_two_nodes(config: Config, tmp_path: Path) -> None:
    async with Node(config) as one, Node(msgspec.structs.replace(config, data_dir=tmp_path / "other")) as two:
        assert one.info.id != two.info.id
        assert one.me.id != two.me.id


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"room": "x" * 41}, InvalidRoomName),
        ({"room": "a\nb"}, InvalidRoomName),
        ({"nick": "x" * 25}, InvalidNick),
        ({"nick": " \t"}, InvalidNick),
    ],
)
async def test_a_setting_that_cannot_be_leaves_nothing_open(
    config: Config, changes: dict[str, str], error: type[LanchatError]
) -> None:
    with pytest.raises(error):
        async with Node(msgspec.structs.replace(config, **changes)):
            pass
    async with Node(config):
        pass


async def test_one_directory_has_one_node(config: Config) -> None:
    async with Node(config):
        with pytest.raises(AlreadyRunning, match=str(config.data_dir)):
            async with Node(config):
                pass
    async with Node(config):
        pass


async def test_a_directory_that_cannot_be_is_told(config: Config, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataDirUnusable):
        async with Node(msgspec.structs.replace(config, data_dir=tmp_path / "file")):
            pass
    config.data_dir.mkdir()
    (config.data_dir / "node.lock").mkdir()
    with pytest.raises(DataDirUnusable):
        async with Node(config):
            pass


async def test_a_database_that_cannot_be_opened_frees_the_directory(config: Config) -> None:
    config.data_dir.mkdir()
    database = config.data_dir / "lanchat.db"
    database.mkdir()
    with pytest.raises(JournalError):
        async with Node(config):
            pass
    database.rmdir()
    async with Node(config):
        pass


async def test_a_database_that_was_recovered_is_told_to_the_log_and_to_every_window_once(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    async with Node(config) as node:
        room = await node.rooms.open("tea")
        await room.post(Draft(room.id, "n1", node.me, Body(text="a secret")))
    suspect(config.database)
    caplog.clear()
    async with serving(config) as server:
        recovered = server.node.journal.recovered
        assert recovered is not None
        assert str(recovered) in [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert recovered.aside.name in caplog.text
        assert "a secret" not in caplog.text
        for _ in range(2):
            async with window(server) as client:
                told = await client.hear(Notification)
                assert (told.kind, told.text, told.author) == ("announcement", str(recovered), server.node.me)
        async with guest(server) as client:
            await client.heard_nothing(Notification, room.id)
    async with serving(config) as server, window(server) as client:
        await client.heard_nothing(Notification, room.id)


async def test_what_need_not_be_kept_goes_and_windows_see_it(config: Config) -> None:
    async with Node(config) as node:
        room = await node.rooms.open("tea")
        for number in range(10):
            await room.post(Draft(room.id, f"n{number}", node.me, Body(text="x")))
    async with serving(msgspec.structs.replace(config, keep_messages=3)) as server, window(server) as client:
        await eventually(lambda: server.node.journal.oldest(room.id) == 8)
        joined = await client.join(room.id)
        assert (joined.oldest, [event.seq for event in joined.events]) == (8, [8, 9, 10])


async def test_the_first_room_is_general_and_opened_itself(config: Config) -> None:
    async with appeared(config) as node:
        await eventually(lambda: names(node) == ["general"])
        room = node.rooms.here("general")
        assert room is not None
        assert room.record.opened_itself
        assert may_yield(room)
    async with appeared(config) as node:
        assert names(node) == ["general"]
        await _first_room_is_settled()
        assert names(node) == ["general"]


async def test_the_first_room_is_the_networks_busiest_when_there_is_one(config: Config) -> None:
    async with appeared(config) as node:
        offer(node, OFFER)
        await eventually(lambda: names(node) == ["busy"])
        room = node.rooms.get(OFFER.id)
        assert room.kind == "mirror"


async def test_a_room_that_was_asked_for_is_opened(config: Config) -> None:
    wanted = msgspec.structs.replace(config, room="Kitchen")
    async with appeared(wanted) as node:
        await eventually(lambda: names(node) == ["Kitchen"])
        room = node.rooms.here("Kitchen")
        assert room is not None
        assert not may_yield(room)
    async with appeared(wanted) as node:
        await _first_room_is_settled()
        assert names(node) == ["Kitchen"]


async def test_a_room_that_was_asked_for_is_joined_when_the_network_has_it(config: Config) -> None:
    async with appeared(msgspec.structs.replace(config, room="busy")) as node:
        offer(node, OFFER)
        node.directory.changed()
        await eventually(lambda: names(node) == ["busy"])
        assert node.rooms.get(OFFER.id).kind == "mirror"


async def test_a_node_that_does_not_appear_opens_nothing(config: Config) -> None:
    async with Node(config) as node:
        await _first_room_is_settled()
        assert names(node) == []


async def test_a_task_that_fails_is_told_in_the_log(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise JournalDamaged

    monkeypatch.setattr("lanchat.rooms.registry.RoomRegistry.open_first", fail)
    with caplog.at_level(logging.ERROR, "lanchat"):
        async with appeared(config):
            await eventually(lambda: "'first room' of the node failed" in caplog.text)


async def test_a_node_that_ends_at_once_leaves_nothing(config: Config) -> None:
    before = asyncio.all_tasks()
    for _ in range(5):
        async with appeared(config) as node:
            await node.rooms.open("quick")
    assert asyncio.all_tasks() == before


async def test_nodes_share_notifications_through_a_redis(config: Config, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path / "redis")
    redis.start()
    try:
        here = msgspec.structs.replace(config, redis=redis.url)
        there = msgspec.structs.replace(here, data_dir=tmp_path / "there", name="there")
        async with appeared(here) as one, appeared(there) as two:
            heard = Recorder()
            await two.notifications.arrive(two.me, heard)
            await one.notifications.announce(one.me, "Lunch")
            await eventually(lambda: [told.text for told in heard.heard if isinstance(told, Notification)] == ["Lunch"])
            assert (await one.rooms.open("kitchen")).id not in {room.id for room in two.rooms}
    finally:
        redis.stop()


async def test_a_node_whose_redis_is_not_there_says_so(config: Config) -> None:
    with pytest.raises(LayerUnreachable):
        async with appeared(msgspec.structs.replace(config, redis="redis://127.0.0.1:1")):
            pass


async def test_an_end_in_the_middle_of_the_start_leaves_nothing(config: Config) -> None:
    before = asyncio.all_tasks()
    for steps in range(0, 40, 3):

        async def live() -> None:
            async with appeared(config):
                await asyncio.Event().wait()

        task = asyncio.create_task(live())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() == before
    async with appeared(config):
        pass


async def _first_room_is_settled() -> None:
    """Wait for as long as a node looks around."""
    due = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(2 * node_module.LOOK_AROUND, due.set_result, None)
    await due
