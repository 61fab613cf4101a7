"""What becomes of hints, with the nodes' answers given by the test. With sockets: test_discovery.py."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from lanchat.errors import Unreachable
from lanchat.lan.addresses import InterfaceAddress, reach
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.finder import Finder
from lanchat.lan.discovery.hints import MAX_ROOMS, MAX_ROOMS_PER_ADDRESS
from lanchat.lan.discovery.mdns import Sighting
from lanchat.lan.discovery.probe import Answer, AnsweredRoom
from lanchat.lan.discovery.records import SERVICE, Advert, service
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually

ME = NodeInfo(id="f" * 32, name="me")
HERE = reach([InterfaceAddress("eth0", 1, "10.0.0.1", 16)])


def some_id() -> str:
    return uuid.uuid4().hex


class World:
    """A Finder, and what answers where."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, int], Answer] = {}
        self.asked: list[tuple[str, int]] = []
        self.changes = 0
        self.silent: list[str] = []
        self.finder = Finder(
            ME,
            self,
            lambda: HERE,
            lambda: 7_000,
            on_change=self._changed,
            on_silent=self.silent.append,
            on_back=lambda: None,
        )

    def _changed(self) -> None:
        self.changes += 1

    async def ask(self, address: str, port: int, node: str) -> Answer:
        self.asked.append((address, port))
        await asyncio.sleep(0)
        answer = self.answers.get((address, port))
        if answer is None or answer.node.id != node:
            raise Unreachable
        return answer

    def has(self, node: NodeInfo, address: str, *rooms: str) -> None:
        """Let a node answer at an address that it has rooms with these names as ids."""
        self.answers[address, 7_000] = Answer(node, [AnsweredRoom(room, "general", 1) for room in rooms])

    def say(self, node: NodeInfo, room: str, *addresses: str) -> None:
        """Let the network say that a node has a room."""
        said = service(Advert(room, "general", 1), node, 7_000)
        txt: dict[bytes, bytes | None] = {key.encode(): value.encode() for key, value in said.txt.items()}
        self.finder.seen(f"{room}.{SERVICE}", Sighting(7_000, list(addresses), txt))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    world.finder.begin()
    yield world
    await world.finder.close()


async def test_only_so_many_of_an_address_and_in_all() -> None:
    world = World()
    for number in range(1_000):
        world.say(NodeInfo(id=some_id(), name="x"), some_id(), f"10.0.{number // 100}.9")
        if number == 99:
            assert len(world.finder._hints) == MAX_ROOMS_PER_ADDRESS
    assert len(world.finder._hints) == MAX_ROOMS
    assert world.finder.full
    assert world.finder.turned_away
    await world.finder.close()


async def test_a_node_that_answers_at_another_place_is_told_of(world: World) -> None:
    node, room = NodeInfo(id=some_id(), name="x"), some_id()
    world.has(node, "10.0.0.2", room)
    world.say(node, room, "10.0.0.2")
    await eventually(lambda: room in world.finder.found)
    assert world.finder.place(node.id) == NodeAddress("10.0.0.2", 7_000)
    assert node.id in world.finder
    before = world.changes
    world.has(node, "10.0.0.3", room)
    del world.answers["10.0.0.2", 7_000]
    world.say(node, room, "10.0.0.3")
    await eventually(lambda: world.finder.place(node.id) == NodeAddress("10.0.0.3", 7_000))
    assert world.changes > before
    assert room in world.finder.found, "it was there all the time"
    assert world.finder.place(some_id()) is None


async def test_a_place_where_nobody_has_answered_is_none(world: World) -> None:
    node, room = NodeInfo(id=some_id(), name="x"), some_id()
    world.has(node, "10.0.0.2", room)
    world.say(node, room, "10.0.0.2")
    await eventually(lambda: room in world.finder.found)
    asked = len(world.asked)
    world.say(node, room, "10.0.0.66")  # a stranger says so
    await eventually(lambda: len(world.asked) > asked)
    assert world.finder.place(node.id) != NodeAddress("10.0.0.66", 7_000)
