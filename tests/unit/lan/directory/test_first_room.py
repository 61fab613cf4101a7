"""The room to begin with, of a node that thinks that it is on the network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import msgspec
import pytest

from lanchat.config import Config
from lanchat.journal import RoomRecord
from lanchat.lan.directory import first_room
from lanchat.lan.discovery.discovery import Discovery
from lanchat.node import Node
from lanchat.protocol import NodeInfo, RoomInfo
from tests.support.conditions import eventually

ELSEWHERE = NodeInfo(id="e" * 32, name="elsewhere")
OFFER = RoomRecord(id="f" * 32, name="general", home=ELSEWHERE, addresses=("127.0.0.1:1",))


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


def offer(node: Node, record: RoomRecord, members: int = 1) -> None:
    """Let the node find a room on the network."""
    info = RoomInfo(id=record.id, name=record.name, node=record.home, kind="found", members=members, top=0, online=True)
    node.network.found = lambda: [info]  # type: ignore[method-assign]
    node.network.find = lambda *, name="", room="": record if record.id == room or record.name == name else None  # type: ignore[method-assign]


def names(node: Node) -> list[str]:
    return [room.name for room in node.rooms]


async def test_the_first_room_is_general(config: Config) -> None:
    async with appeared(config) as node:
        await eventually(lambda: names(node) == ["general"])
        room = node.rooms.here("general")
        assert room is not None
        assert room.kind == "home"
    async with appeared(config) as node:
        assert names(node) == ["general"]
        await _first_room_is_settled()
        assert names(node) == ["general"]


async def test_the_first_room_is_the_general_of_the_network_when_there_is_one(config: Config) -> None:
    async with appeared(config) as node:
        offer(node, OFFER)
        await eventually(lambda: names(node) == ["general"])
        room = node.rooms.get(OFFER.id)
        assert room.kind == "mirror"


async def test_a_room_of_another_name_is_not_the_first_one_however_many_are_said_to_be_there(config: Config) -> None:
    async with appeared(config) as node:
        offer(node, msgspec.structs.replace(OFFER, name="Free prizes"), members=9_999)
        await eventually(lambda: names(node) == ["general"])
        room = node.rooms.here("general")
        assert room is not None
        assert room.kind == "home"


async def test_a_room_that_was_asked_for_is_opened(config: Config) -> None:
    wanted = msgspec.structs.replace(config, room="Kitchen")
    async with appeared(wanted) as node:
        await eventually(lambda: names(node) == ["Kitchen"])
        room = node.rooms.here("Kitchen")
        assert room is not None
        assert room.kind == "home"
    async with appeared(wanted) as node:
        await _first_room_is_settled()
        assert names(node) == ["Kitchen"]


async def test_a_room_that_was_asked_for_is_joined_when_the_network_has_it(config: Config) -> None:
    async with appeared(msgspec.structs.replace(config, room="busy")) as node:
        offer(node, msgspec.structs.replace(OFFER, name="busy"))
        node.directory.changed()
        await eventually(lambda: names(node) == ["busy"])
        assert node.rooms.get(OFFER.id).kind == "mirror"


async def test_a_node_that_does_not_appear_opens_nothing(config: Config) -> None:
    async with Node(config) as node:
        await _first_room_is_settled()
        assert names(node) == []


async def _first_room_is_settled() -> None:
    """Wait for as long as a node looks around."""
    due = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(2 * first_room.LOOK_AROUND, due.set_result, None)
    await due
