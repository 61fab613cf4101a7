"""Finder rooms over loopback, with the nodes' answers given by the test. Several hosts: tests/lab/scenarios."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from lanchat.errors import Unreachable
from lanchat.lan.discovery import Advert
from lanchat.lan.discovery import discovery as module
from lanchat.lan.discovery.discovery import Discovery
from lanchat.lan.discovery.hints import MAX_ROOMS_PER_ADDRESS
from lanchat.lan.discovery.listing import MAX_LISTED
from lanchat.lan.discovery.mdns import Sighting
from lanchat.lan.discovery.probe import TIMEOUT, Answer, AnsweredRoom
from lanchat.lan.discovery.records import SERVICE, FoundRoom, service
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually


def some_id() -> str:
    return uuid.uuid4().hex


class Net:
    """What the nodes of a test answer, by port."""

    def __init__(self) -> None:
        self.answers: dict[int, Answer] = {}

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        await asyncio.sleep(0)
        if address != "127.0.0.1" or port not in self.answers or self.answers[port].node.id != node:
            raise Unreachable
        return self.answers[port]


class Node:
    """A discovery with its own rooms, which the others' probes see."""

    def __init__(self, net: Net, port: int) -> None:
        self.net, self.port = net, port
        self.info = NodeInfo(id=some_id(), name=f"node {port}")
        self.changes = 0
        self.discovery = Discovery(self.info, bind="127.0.0.1", on_change=self._changed, probe=net)

    def _changed(self) -> None:
        self.changes += 1

    async def start(self) -> None:
        self.net.answers.setdefault(self.port, Answer(self.info, []))
        await self.discovery.start(self.port)

    async def has(self, *adverts: Advert) -> None:
        rooms = [AnsweredRoom(advert.id, advert.name, advert.members, 9) for advert in adverts]
        self.net.answers[self.port] = Answer(self.info, rooms)
        await self.discovery.advertise(adverts)

    def finds(self, *adverts: Advert) -> bool:
        return {advert.id for advert in adverts} == set(self.discovery.found)


Start = Callable[[int], Node]


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
async def make(net: Net) -> AsyncIterator[Start]:
    nodes: list[Node] = []

    def make(port: int) -> Node:
        nodes.append(Node(net, port))
        return nodes[-1]

    yield make
    await asyncio.gather(*(node.discovery.close() for node in nodes))


async def test_seen_followed_and_gone(make: Start) -> None:
    here, there = make(20_001), make(20_002)
    general, other = Advert(some_id(), "general", 1), Advert(some_id(), "other", 2)
    await here.has(general)
    await here.start()
    await there.start()
    await eventually(lambda: there.finds(general))
    assert there.discovery.found[general.id] == FoundRoom(
        general.id, "general", here.info, ("127.0.0.1",), 20_001, 1, top=9
    )
    assert here.finds()

    await here.has(general, other)
    await eventually(lambda: there.finds(general, other))
    kept = there.discovery.found
    await here.has(other)
    await eventually(lambda: there.finds(other))
    assert set(kept) == {general.id, other.id}

    await there.has(general)
    await eventually(lambda: here.finds(general))
    del here.net.answers[here.port]  # a program that says goodbye ends
    await here.discovery.close()
    await eventually(there.finds)


async def test_a_room_whose_home_is_away_is_found_at_whom_introduces_it_until_its_home_answers(
    net: Net, make: Start
) -> None:
    home, first, second, here = (make(20_031 + number) for number in range(4))
    room = Advert(some_id(), "general", 1, introduced=True)
    where = ("127.0.0.1:20031", "192.0.2.1:20031", "x:y")
    told = AnsweredRoom(room.id, "general", 1, 9, home=home.info, addresses=where)
    nowhere, mine = Advert(some_id(), "nowhere", 1, introduced=True), Advert(some_id(), "mine", 1, introduced=True)
    others = [
        AnsweredRoom(nowhere.id, "nowhere", 1, 9, home=home.info, addresses=("192.0.2.1:20031",)),
        AnsweredRoom(mine.id, "mine", 1, 9, home=here.info, addresses=("127.0.0.1:20034",)),
        AnsweredRoom(some_id(), "not announced", 1, 9, home=home.info, addresses=told.addresses),
    ]
    for node in (first, second):
        await node.start()
        net.answers[node.port] = Answer(node.info, [told, *others])
        await node.discovery.advertise([room, nowhere, mine])
    await here.start()
    await eventually(lambda: here.discovery.introducers(room.id) == {first.info.id, second.info.id})
    assert here.finds(room), "what nobody could be dialled for, and what has its home here, is none"
    found = here.discovery.found[room.id]
    assert (found.node, found.by in {first.info.id, second.info.id}) == (home.info, True)
    assert found.at == ("127.0.0.1:20031",)
    await home.start()
    await home.has(Advert(room.id, "general", 2))
    await eventually(lambda: here.discovery.found[room.id].by == "")
    assert here.discovery.found[room.id].port == home.port
    for node in (first, second):
        net.answers[node.port] = Answer(node.info, [])
        await node.discovery.advertise([])
    await eventually(lambda: here.discovery.introducers(room.id) == frozenset())
    assert here.finds(room)


async def test_start_waits_for_nothing_and_close_leaves_nothing(make: Start) -> None:
    node = make(20_003)
    with pytest.raises(StopIteration):
        node.start().send(None)
    await node.discovery.close()
    await node.discovery.close()
    await make(20_004).discovery.close()
    for turns in (0, 1, 2, 5, 20, 100, 500):
        node = make(20_003)
        await node.start()
        for _ in range(turns):  # whatever it has reached by then, it ends
            await asyncio.sleep(0)
        await node.discovery.close()


async def test_import_does_not_load_zeroconf() -> None:
    script = "import sys, lanchat.lan.discovery.discovery; sys.exit('zeroconf' in sys.modules)"
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=False)
    assert done.returncode == 0


async def test_own_rooms_are_not_found(make: Start) -> None:
    here, there = make(20_005), make(20_006)
    general, other = Advert(some_id(), "general", 1), Advert(some_id(), "other", 1)
    await here.start()
    await there.start()
    await here.has(general)
    await there.has(other)
    await eventually(lambda: here.finds(other))
    assert general.id not in here.discovery.found


async def test_changes_of_one_turn_are_told_once(make: Start) -> None:
    here, there = make(20_007), make(20_008)
    await there.start()
    rooms = [Advert(some_id(), f"room {number}", 1) for number in range(20)]
    await here.has(*rooms)
    await here.start()
    await eventually(lambda: there.finds(*rooms))
    assert 1 <= there.changes <= 20
    before = there.changes
    there.discovery.forget(here.info.id)
    await eventually(lambda: there.finds(*rooms))
    assert there.changes <= before + 2


async def test_the_answer_decides(make: Start, net: Net) -> None:
    here, there = make(20_009), make(20_010)
    real, empty = Advert(some_id(), "real", 1), Advert(some_id(), "empty", 1)
    await here.start()
    await here.has(real, empty)
    net.answers[20_009] = Answer(NodeInfo(id=here.info.id, name="New name"), [AnsweredRoom(real.id, "Real", 12, 3)])
    await there.start()
    await eventually(lambda: there.finds(real))
    found = there.discovery.found[real.id]
    assert (found.name, found.members, found.top, found.node.name) == ("Real", 12, 3, "New name")


async def test_what_a_node_has_too_many_of_to_announce_is_found_by_its_answer(make: Start, net: Net) -> None:
    here, there = make(20_021), make(20_022)
    said, quiet = Advert(some_id(), "said", 1), [Advert(some_id(), f"quiet {number}", 1) for number in range(70)]
    await here.start()
    await here.has(said)
    rooms = [AnsweredRoom(advert.id, advert.name, 1, 9) for advert in quiet]
    net.answers[20_021] = Answer(here.info, [AnsweredRoom(said.id, "said", 1, 9), *rooms])
    await there.start()
    await eventually(lambda: there.finds(said, *quiet))
    found = there.discovery.found[quiet[0].id]
    assert (found.name, found.node, found.port) == ("quiet 0", here.info, 20_021)


async def test_a_room_of_so_many_that_it_is_not_listed_is_found_by_its_id(make: Start, net: Net) -> None:
    here, there = make(20_023), make(20_024)
    said, last = Advert(some_id(), "said", 1), some_id()
    await here.start()
    await here.has(said)
    quiet = [AnsweredRoom(some_id(), f"quiet {number}", 1, 9) for number in range(MAX_LISTED)]
    rooms = [AnsweredRoom(said.id, "said", 1, 9), *quiet, AnsweredRoom(last, "last", 1, 9)]
    net.answers[20_023] = Answer(here.info, rooms)
    await there.start()
    await eventually(lambda: len(there.discovery.found) == MAX_LISTED)
    assert last not in there.discovery.found
    found = there.discovery.find(last)
    assert found is not None
    assert (found.name, found.node, found.port) == ("last", here.info, 20_023)
    assert there.discovery.find(said.id) == there.discovery.found[said.id]
    assert there.discovery.find(some_id()) is None


async def test_a_flood_of_hints_hides_no_room_of_a_node_that_answers(make: Start, net: Net) -> None:
    here, there = make(20_025), make(20_026)
    known, new = Advert(some_id(), "known", 1), Advert(some_id(), "new", 1)
    await there.start()
    await here.start()
    await here.has(known)
    await eventually(lambda: there.finds(known))
    txt = {key.encode(): value.encode() for key, value in service(new, here.info, 1).txt.items()}
    for number in range(MAX_ROOMS_PER_ADDRESS):
        flood = {**txt, b"id": some_id().encode(), b"node": some_id().encode()}
        there.discovery._finder.seen(f"{number}.{SERVICE}", Sighting(20_030 + number, ["127.0.0.1"], flood))
    await here.has(known, new)
    await eventually(lambda: new.id in there.discovery.found)
    assert known.id in there.discovery.found


async def test_silent_node_is_not_found_and_found_when_it_speaks(make: Start, net: Net) -> None:
    here, there = make(20_011), make(20_012)
    general = Advert(some_id(), "general", 1)
    await there.start()
    await here.start()
    await here.discovery.advertise([general])
    del net.answers[20_011]
    await here.has(general)
    await eventually(lambda: there.finds(general))
    answer = net.answers.pop(20_011)
    there.discovery.forget(here.info.id)
    await eventually(there.finds)
    net.answers[20_011] = answer
    await there.discovery.refresh()
    await eventually(lambda: there.finds(general))


async def test_claim_of_another_nodes_room_changes_nothing(make: Start, net: Net) -> None:
    here, there, thief = make(20_015), make(20_016), make(20_017)
    general = Advert(some_id(), "general", 1)
    await there.start()
    await here.start()
    await here.has(general)
    await eventually(lambda: there.finds(general))
    copy = Advert(general.id, "General", 50)
    await thief.start()
    await thief.has(copy)
    # The claim itself arrives: another room of the same node is found.
    await thief.has(copy, mark := Advert(some_id(), "mark", 1))
    await eventually(lambda: there.finds(general, mark))
    assert there.discovery.found[general.id].node == here.info
    del net.answers[20_015]
    await here.discovery.close()
    await eventually(lambda: there.discovery.found[general.id].node == thief.info)


async def test_sightings_of_a_stranger(make: Start, net: Net) -> None:
    node = make(20_018)
    await node.start()
    said = service(Advert(some_id(), "general", 1), NodeInfo(id=some_id(), name="x"), 20_019)
    txt: dict[bytes, bytes | None] = {key.encode(): value.encode() for key, value in said.txt.items()}
    net.answers[20_019] = Answer(NodeInfo(id=said.txt["node"], name="x"), [AnsweredRoom(said.txt["id"], "general", 1)])
    await eventually(lambda: node.discovery._machine.reach.own)
    for port, addresses in ((22, ["127.0.0.1"]), (20_019, ["8.8.8.8"]), (20_019, ["10.0.0.1"]), (None, ["127.0.0.1"])):
        node.discovery._finder.seen(f"bad.{SERVICE}", Sighting(port, addresses, txt))
    assert not node.discovery._finder._hints
    node.discovery._finder.seen(f"good.{SERVICE}", Sighting(20_019, ["127.0.0.1"], txt))
    await eventually(lambda: said.txt["id"] in node.discovery.found)


async def test_network_that_cannot_be_used_is_tried_again(
    make: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.02)
    attempts = 0
    load = module._load_mdns

    def broken() -> object:
        def make_mdns(*args: object, **more: object) -> object:
            nonlocal attempts
            attempts += 1
            if attempts < 5:
                raise OSError("no such device")
            return load()(*args, **more)  # type: ignore[arg-type]

        return make_mdns

    here, there = make(20_020), make(20_021)
    general = Advert(some_id(), "general", 1)
    await there.start()
    await eventually(lambda: there.discovery._mdns)
    monkeypatch.setattr(module, "_load_mdns", broken)
    await here.start()
    await here.has(general)
    await eventually(lambda: there.finds(general))
    complaints = [record for record in caplog.records if "cannot be used" in record.message]
    assert len(complaints) == 1


async def test_a_goodbye_that_anybody_can_say_is_believed_when_the_node_agrees(make: Start, net: Net) -> None:
    here, there = make(20_030), make(20_031)
    general, other = Advert(some_id(), "general", 1), Advert(some_id(), "other", 1)
    await here.start()
    await here.has(general, other)
    await there.start()
    await eventually(lambda: there.finds(general, other))
    changes = there.changes
    discovery = there.discovery
    for instance, _hint in discovery._finder._hints.instances():
        for _ in range(50):
            discovery._finder.said_goodbye(instance)
            discovery._finder.seen(instance, Sighting(7, [], {b"v": b"9"}))  # says nothing that can be read
    peer = discovery._finder._peers._peers[next(iter(discovery._finder._peers._peers))]
    await eventually(lambda: peer.doubts == 0, what="the node was asked and is there")
    assert there.finds(general, other)
    assert there.changes == changes

    rooms = [AnsweredRoom(general.id, "general", 1, 9)]
    net.answers[20_030] = Answer(here.info, rooms)  # it has the other one no more
    await eventually(lambda: there.finds(general))
    for instance, _hint in discovery._finder._hints.instances():
        discovery._finder.said_goodbye(instance)
    assert [hint.id for hint in discovery._finder._hints] == [general.id]
