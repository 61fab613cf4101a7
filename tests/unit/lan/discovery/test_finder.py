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
from lanchat.lan.discovery.peers import UNPROVEN
from lanchat.lan.discovery.probe import TIMEOUT, Answer, AnsweredRoom, ToldNode
from lanchat.lan.discovery.records import SERVICE, Advert, label, service
from lanchat.limits import TokenRate
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually

ME = NodeInfo(id="f" * 32, name="me")
HERE = reach([InterfaceAddress("eth0", 1, "10.0.0.1", 16)])


def some_id() -> str:
    return uuid.uuid4().hex


class World:
    """A Finder, and what answers where."""

    def __init__(self, *, fenced: bool = False) -> None:
        self.answers: dict[tuple[str, int], Answer] = {}
        self.asked: list[tuple[str, int]] = []
        self.changes = 0
        self.silent: list[tuple[str, bool]] = []
        self.finder = Finder(
            ME,
            self,
            lambda: HERE,
            lambda: 7_000,
            on_change=self._changed,
            on_silent=lambda instance, wonder: self.silent.append((instance, wonder)),
            on_back=lambda: None,
            fenced=fenced,
        )

    def _changed(self) -> None:
        self.changes += 1

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        self.asked.append((address, port))
        await asyncio.sleep(0)
        answer = self.answers.get((address, port))
        if answer is None or answer.node.id != node:
            raise Unreachable
        return answer

    def has(self, node: NodeInfo, address: str, *rooms: str) -> None:
        """Let a node answer at an address that it has rooms with these names as ids."""
        self.answers[address, 7_000] = Answer(node, [AnsweredRoom(room, "general", 1) for room in rooms])

    def tells(self, node: NodeInfo, address: str, room: str, *others: tuple[str, str]) -> None:
        """Let a node answer as well that others answer it."""
        nodes = [ToldNode(*other) for other in others]
        self.answers[address, 7_000] = Answer(node, [AnsweredRoom(room, "general", 1)], nodes=nodes)

    def say(self, node: NodeInfo, room: str, *addresses: str, members: int = 1) -> None:
        """Let the network say that a node has a room."""
        said = service(Advert(room, "general", members), node, 7_000)
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


def node(name: str = "x") -> NodeInfo:
    return NodeInfo(id=some_id(), name=name)


async def test_whoever_asks_us_is_found_when_it_answers_there(world: World) -> None:
    asker, room = node(), some_id()
    world.has(asker, "10.0.0.2", room)
    world.finder.meet(asker.id, NodeAddress("10.0.0.2", 7_000))
    await eventually(lambda: room in world.finder.found)
    assert world.finder.found[room].addresses == ("10.0.0.2",)
    world.has(asker, "10.0.0.2", room, other := some_id())
    await eventually(lambda: other in world.finder.found, what="all that it has is listed, without an announcement")


@pytest.mark.parametrize(
    ("node_id", "place"),
    [
        ("f" * 32, NodeAddress("10.0.0.2", 7_000)),
        ("a" * 31, NodeAddress("10.0.0.2", 7_000)),
        ("a" * 32, NodeAddress("10.0.0.2", 22)),
        ("a" * 32, NodeAddress("192.168.1.2", 7_000)),
        ("a" * 32, NodeAddress("8.8.8.8", 7_000)),
        ("a" * 32, NodeAddress("127.0.0.1", 7_000)),
        ("a" * 32, NodeAddress("example.org", 7_000)),
    ],
)
async def test_ourselves_system_services_and_what_is_not_near_are_not_asked(
    world: World, node_id: str, place: NodeAddress
) -> None:
    world.finder.meet(node_id, place)
    await asyncio.sleep(0)
    assert not world.finder._hints


async def test_nodes_tell_of_nodes_and_each_is_asked_itself(world: World) -> None:
    """A tells of B, and B of A, of us, of itself elsewhere, of nobody, and of somebody who is not who it says."""
    first, second, third = node("first"), node("second"), node("third")
    rooms = [some_id() for _ in range(3)]
    for known, (number, room) in zip((first, second, third), enumerate(rooms), strict=True):
        world.has(known, f"10.0.0.{number + 2}", room)
    world.tells(first, "10.0.0.2", rooms[0], (second.id, "10.0.0.3:7000"))
    lies = [
        (first.id, "10.0.0.2:7000"),
        (ME.id, "10.0.0.1:7000"),
        (second.id, "10.0.0.3:7000"),
        (some_id(), "10.0.0.4:7000"),  # the third one answers there, under its own id
        (some_id(), "10.9.9.9:7000"),
        (some_id(), "8.8.8.8:7000"),
        ("", ""),
        ("a" * 32, "not an address at all:99999999"),
        (third.id, "10.0.0.4:7000"),
    ]
    world.tells(second, "10.0.0.3", rooms[1], *lies)
    world.say(first, rooms[0], "10.0.0.2")
    await eventually(lambda: set(world.finder.found) == set(rooms))
    assert {place for place in world.asked if not place[0].startswith("10.0.0.") and place[0] != "10.9.9.9"} == set()
    assert not [place for place in world.asked if place[0] == "10.9.9.9"], "it is beyond our prefix"
    told = {(told.id, told.address) for told in world.finder.neighbours(first.id)}
    assert told == {(second.id, "10.0.0.3:7000"), (third.id, "10.0.0.4:7000")}, "only whom we have reached ourselves"


async def test_who_is_gone_is_not_kept_by_those_who_go_on_telling_each_other_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.lan.discovery.peers.EVERY", 0.01)
    monkeypatch.setattr("lanchat.lan.discovery.peers.RETRY", 0.01)
    monkeypatch.setattr("lanchat.lan.discovery.peers._SLOWEST", 0.01)
    first, second, gone = node("first"), node("second"), some_id()
    rooms = [some_id(), some_id()]
    told = (gone, "10.0.0.4:7000")
    for turn in range(50):  # each time it is another answer
        for there, at, room, other in (
            (first, "10.0.0.2", rooms[0], (second.id, "10.0.0.3:7000")),
            (second, "10.0.0.3", rooms[1], (first.id, "10.0.0.2:7000")),
        ):
            world.tells(there, at, room, other, told, (some_id(), f"192.0.2.{turn}:7000"))
            world.say(there, room, at)
        asked = len(world.asked)
        await eventually(lambda asked=asked: len(world.asked) >= asked + 4)  # type: ignore[misc]
    assert set(world.finder.found) == set(rooms)
    assert 0 < world.asked.count(("10.0.0.4", 7_000)) <= UNPROVEN
    assert not [place for place in world.asked if place[0].startswith("192.")]
    assert gone not in {other.id for other in world.finder.neighbours(first.id)}


async def test_whoever_is_named_again_and_again_is_asked_at_its_own_pace(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"EVERY": 0.01, "_QUICKEST": 0.0, "_LOST": 3_600.0}.items():
        monkeypatch.setattr(f"lanchat.lan.discovery.peers.{name}", value)
    teller, gone, room = node(), node(), some_id()
    world.has(gone, "10.0.0.3", lost := some_id())
    world.say(gone, lost, "10.0.0.3")
    await eventually(lambda: lost in world.finder.found)
    del world.answers["10.0.0.3", 7_000]
    await eventually(lambda: lost not in world.finder.found)
    asked = world.asked.count(("10.0.0.3", 7_000))
    world.say(teller, room, "10.0.0.2")
    for number in range(20):  # each list is another one
        world.tells(teller, "10.0.0.2", room, (gone.id, "10.0.0.3:7000"), (some_id(), f"192.0.2.{number}:7000"))
        before = world.asked.count(("10.0.0.2", 7_000))
        await eventually(lambda before=before: world.asked.count(("10.0.0.2", 7_000)) > before + 1)  # type: ignore[misc]
    assert world.asked.count(("10.0.0.3", 7_000)) == asked


async def test_who_moved_and_says_so_itself_is_found_where_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known, room = node(), some_id()
    world.has(known, "10.0.0.2", room)
    world.say(known, room, "10.0.0.2")
    await eventually(lambda: world.finder.place(known.id) == NodeAddress("10.0.0.2", 7_000))
    del world.answers["10.0.0.2", 7_000]
    world.has(known, "10.0.0.9", room)
    world.finder.meet(known.id, NodeAddress("10.0.0.9", 7_000))
    await eventually(lambda: world.finder.place(known.id) == NodeAddress("10.0.0.9", 7_000))
    assert room in world.finder.found
    world.has(known, "10.0.0.2", room)
    world.say(known, room, "10.0.0.2", "10.0.0.9")
    monkeypatch.setattr("lanchat.lan.discovery.unicast.acquaintances.DOUBLE", 0.0)
    await eventually(lambda: len(world.finder._hints) == 1, what="the network says so by now")


async def test_a_room_whose_home_is_away_is_found_also_at_a_node_that_was_met(world: World) -> None:
    away, mirror, room = node("away"), node("mirror"), some_id()
    told = AnsweredRoom(room, "general", 1, 3, home=away, addresses=("10.0.0.2:7000", "192.0.2.2:7000"))
    world.answers["10.0.0.3", 7_000] = Answer(mirror, [told])
    world.finder.meet(mirror.id, NodeAddress("10.0.0.3", 7_000))
    await eventually(lambda: room in world.finder.found)
    assert (world.finder.found[room].by, world.finder.found[room].at) == (mirror.id, ("10.0.0.2:7000",))


async def test_of_a_node_that_is_lost_others_are_asked_about_one_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.lan.discovery.peers.RETRY", 0.01)
    there = node()
    rooms = sorted(some_id() for _ in range(3))
    world.has(there, "10.0.0.2", *rooms)
    for room in rooms:
        world.say(there, room, "10.0.0.2")
    await eventually(lambda: len(world.finder.found) == len(rooms))
    world.answers.clear()
    world.finder.unanswered(f"{rooms[0]}.{SERVICE}")
    world.finder.unanswered("nobody heard of it")
    await eventually(lambda: len(world.silent) == len(rooms))
    assert sorted(instance for instance, _ in world.silent) == [f"{room}.{SERVICE}" for room in rooms]
    assert [wonder for _, wonder in world.silent] == [True, False, False]


async def test_who_is_said_not_to_answer_somebody_is_asked_once_and_stays(world: World) -> None:
    there, room = node(), some_id()
    world.has(there, "10.0.0.2", room)
    world.say(there, room, "10.0.0.2")
    await eventually(lambda: room in world.finder.found)
    asked = len(world.asked)
    for _ in range(50):
        world.finder.unanswered(f"{room}.{SERVICE}")
    await eventually(lambda: len(world.asked) == asked + 1)
    assert room in world.finder.found


async def test_who_is_known_from_others_only_is_asked_once_too_when_it_does_not_answer_somebody(world: World) -> None:
    there, room = node(), some_id()
    world.has(there, "10.0.0.2", room)
    world.finder.meet(there.id, NodeAddress("10.0.0.2", 7_000))
    await eventually(lambda: room in world.finder.found)
    world.answers.clear()
    asked = len(world.asked)
    world.finder.unanswered(f"general ({some_id()[:6]}).{SERVICE}")
    world.finder.unanswered(label(Advert(room, "general", 1), there) + f".{SERVICE}")
    await eventually(lambda: room not in world.finder.found)
    assert len(world.asked) == asked + 1


async def test_who_asks_from_another_of_its_addresses_is_not_asked_back_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.lan.discovery.peers._QUICKEST", 0.0)
    there, room = node(), some_id()
    world.has(there, "10.0.0.2", room)
    world.say(there, room, "10.0.0.2", "10.0.0.3")
    await eventually(lambda: world.finder.place(there.id) == NodeAddress("10.0.0.2", 7_000))
    world.has(there, "10.0.0.4", room)
    world.finder.meet(there.id, NodeAddress("10.0.0.4", 7_000))
    await eventually(lambda: ("10.0.0.4", 7_000) in world.asked, what="it may have moved there")
    for _ in range(50):
        world.finder.meet(there.id, NodeAddress("10.0.0.3", 7_000))
        world.finder.meet(there.id, NodeAddress("10.0.0.4", 7_000))
        for _ in range(10):
            await asyncio.sleep(0)
    assert len(world.asked) < 10
    world.answers.clear()
    world.finder.suspect(there.id)
    await eventually(lambda: room not in world.finder.found)
    world.has(there, "10.0.0.2", room)
    world.finder.meet(there.id, NodeAddress("10.0.0.3", 7_000))
    await eventually(lambda: room in world.finder.found, what="a sign of who was lost is a reason to ask")


async def test_another_number_of_people_is_asked_for_and_not_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.lan.discovery.peers.EVERY", 3_600.0)
    monkeypatch.setattr("lanchat.lan.discovery.finder._NEWS", TokenRate(0.001, 2))
    there, room = node(), some_id()
    world.has(there, "10.0.0.2", room)
    world.say(there, room, "10.0.0.2")
    await eventually(lambda: room in world.finder.found)
    world.answers["10.0.0.2", 7_000] = Answer(there, [AnsweredRoom(room, "general", 7)])
    world.say(there, room, "10.0.0.2", members=7)
    await eventually(lambda: world.finder.found[room].members == 7)
    asked = len(world.asked)
    for members in range(20):
        world.say(there, room, "10.0.0.2", members=members + 10)
    await eventually(lambda: len(world.asked) == asked + 1)
    assert world.finder._news_full > 0


async def test_two_hundred_nodes_with_five_hundred_rooms_are_all_listed(world: World) -> None:
    nodes = [NodeInfo(id=some_id(), name=f"n{number}") for number in range(200)]
    rooms = [[some_id() for _ in range(2 + number % 2)] for number in range(200)]
    for number, (there, theirs) in enumerate(zip(nodes, rooms, strict=True)):
        world.has(there, f"10.0.1.{number}", *theirs)
    for turn in range(3):
        for number, (there, theirs) in enumerate(zip(nodes, rooms, strict=True)):
            if turn < len(theirs):
                world.say(there, theirs[turn], f"10.0.1.{number}")
    await eventually(lambda: len(world.finder.found) == 500)
    assert len(world.finder.places()) == 200
