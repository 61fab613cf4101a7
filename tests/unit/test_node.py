"""The composition root: what a node is made of, what it remembers, and its first room."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from lanchat.config import Config
from lanchat.errors import (
    AlreadyRunning,
    DataDirUnusable,
    InvalidNick,
    InvalidRoomName,
    JournalDamaged,
    JournalError,
    LanchatError,
)
from lanchat.identity import Keyring
from lanchat.identity.machine import Machine
from lanchat.journal import Draft, RoomRecord
from lanchat.journal.repair.opening import suspect
from lanchat.lan.directory import first_room
from lanchat.lan.discovery.discovery import Discovery
from lanchat.node import Node
from lanchat.protocol import Body, NodeInfo, Notification
from tests.support.clients import guest, serving, window
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.sessions import Recorder

ELSEWHERE = NodeInfo(id="e" * 32, name="elsewhere")
OFFER = RoomRecord(id="f" * 32, name="busy", home=ELSEWHERE, addresses=("127.0.0.1:1",))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes look around for a moment only."""
    monkeypatch.setattr(first_room, "LOOK_AROUND", 0.05)


@asynccontextmanager
async def appeared(config: Config) -> AsyncIterator[Node]:
    """A node that thinks that it is on the network."""

    async def nowhere(discovery: Discovery, port: int) -> None: ...

    with patch.object(Discovery, "start", nowhere):
        async with Node(config) as node:
            await node.appear(1)
            yield node


def names(node: Node) -> list[str]:
    return [room.name for room in node.rooms]


async def test_a_node_keeps_its_identity_and_its_person(config: Config) -> None:
    async with Node(config) as node:
        who, owner = node.info, node.me
        assert (len(who.id), len(owner.id)) == (32, 43)
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


async def test_a_task_that_fails_is_told_in_the_log(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise JournalDamaged

    monkeypatch.setattr("lanchat.rooms.registry.RoomRegistry.open_first", fail)
    with caplog.at_level(logging.ERROR, "lanchat"):
        async with appeared(config):
            await eventually(lambda: "'first room' failed" in caplog.text)


async def test_a_node_that_ends_at_once_leaves_nothing(config: Config) -> None:
    before = asyncio.all_tasks()
    for _ in range(5):
        async with appeared(config) as node:
            await node.rooms.open("quick")
    assert asyncio.all_tasks() == before


async def test_nodes_share_what_they_tell_and_rooms(config: Config, tmp_path: Path, server: RedisServer) -> None:
    here = msgspec.structs.replace(config, redis=server.url)
    there = msgspec.structs.replace(here, data_dir=tmp_path / "there", name="there")
    async with appeared(here) as one, appeared(there) as two:
        heard = Recorder()
        await two.notifications.arrive(two.me, heard)
        await one.notifications.announce(one.me, "Lunch")
        await eventually(lambda: [told.text for told in heard.heard if isinstance(told, Notification)] == ["Lunch"])
        kitchen = await one.rooms.open("kitchen")
        await eventually(lambda: kitchen.id in two.rooms)


async def test_a_node_whose_redis_is_not_there_starts_and_says_so(config: Config) -> None:
    async with appeared(msgspec.structs.replace(config, redis="redis://127.0.0.1:1")) as node:
        network = node.shared
        assert network is not None
        await eventually(lambda: "127.0.0.1:1 cannot be reached" in network.shared.problem)


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


async def test_a_copy_on_another_machine_is_another_node_and_says_so(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "here", lambda _salt: Machine("first"))
    async with Node(config) as node:
        mine, former = (await node.rooms.open("mine")).id, node.info.id
    monkeypatch.setattr(Machine, "here", lambda _salt: Machine("second"))
    async with Node(config) as copy:
        assert former not in {copy.info.id, copy.me.id}
        room = copy.rooms.get(mine)
        assert (room.kind, room.record.home.id) == ("mirror", former)
        (notice,) = copy.startup_notices.for_window("a window")
        assert b"lanchat identity restore" in notice
    async with Node(config) as again:
        assert again.startup_notices.for_window("a window") == []
        meanwhile = (await again.rooms.open("meanwhile")).id
    Keyring.restore(config.data_dir)
    async with Node(config) as restored:
        assert restored.info.id == former
        assert [restored.rooms.get(room).kind for room in (mine, meanwhile)] == ["home", "home"]
