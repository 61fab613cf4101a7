import asyncio
from typing import cast

import pytest

from lanchat.errors import InvalidSetting, NoSuchRoom, Unreachable
from lanchat.identity import NodeCertificate
from lanchat.journal import RoomRecord
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory.offers import LONGEST_REST, REST, Offers, record_of
from lanchat.lan.discovery import Discovery
from tests.support.clock import Clock
from tests.support.identity import SEAL
from tests.support.lan.offered import FakeDiscovery, introduced, offer
from tests.support.rooms.said import ELSEWHERE, HERE, THERE, record


@pytest.fixture
def discovery() -> FakeDiscovery:
    return FakeDiscovery(HERE)


@pytest.fixture
def offers(discovery: FakeDiscovery) -> Offers:
    return Offers(HERE, cast("Discovery", discovery), SEAL, NodeCertificate.new())


def test_nothing_found_is_nothing(offers: Offers) -> None:
    assert offers.listed() == []
    assert offers.find(name="Hall") is None
    assert offers.find(room="n1") is None


def test_of_rooms_of_one_name_the_claimed_number_of_people_decides_nothing(
    offers: Offers, discovery: FakeDiscovery
) -> None:
    discovery.see(offer("n3", members=9_999), offer("n2", node=ELSEWHERE), offer("n1", "Other", members=50))
    found = offers.find(name="Hall")
    assert found is not None
    assert (found.id, found.home, found.name) == ("n2", ELSEWHERE, "Hall")
    assert offers.find(name="hall") is None


def test_all_nodes_choose_the_same_of_rooms_of_one_name(offers: Offers, discovery: FakeDiscovery) -> None:
    chosen = set()
    for seen in ([offer("n1"), offer("n2")], [offer("n2"), offer("n1")]):
        discovery.see(*seen)
        found = offers.find(name="Hall")
        chosen.add(found.id if found else None)
    assert len(chosen) == 1


def test_a_room_is_found_by_its_id_with_where_its_home_answers(offers: Offers, discovery: FakeDiscovery) -> None:
    discovery.see(offer("n1", addresses=("192.0.2.5", "fe80::1%eth0"), port=4000), offer("n2"))
    found = offers.find(room="n1")
    assert found is not None
    assert found.addresses == ("192.0.2.5:4000", "[fe80::1%eth0]:4000")
    assert found.term == 1


def test_a_few_nodes_introduce_a_room(offers: Offers) -> None:
    assert offers.may_introduce("few")
    assert not offers.may_introduce("by three others")


async def test_a_forged_home_is_asked_once_and_takes_no_room_away(
    offers: Offers, discovery: FakeDiscovery, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    asked: list[str] = []

    async def ask(address: NodeAddress, room: str, patience: float) -> RoomRecord:
        asked.append(str(address))
        if room == "n2":
            return record("n2", home=THERE)
        raise Unreachable(f"Nobody answers at {address} as a home does.")

    monkeypatch.setattr(offers, "_ask_at", ask)
    discovery.see(offer("n1"), offer("n2"), introduced("n3"))
    assert [await offers.answers_as_home(room) for room in ("n1", "n2", "n3", "none")] == [False, True, False, False]
    asked.clear()
    assert not await offers.answers_as_home("n1")
    assert asked == []
    clock.advance(REST)
    assert not await offers.answers_as_home("n1")
    assert asked != []
    clock.advance(REST)
    asked.clear()
    assert not await offers.answers_as_home("n1")
    assert asked == [], "it rests for longer each time"
    for _ in range(8):
        clock.advance(LONGEST_REST)
        assert not await offers.answers_as_home("n1")
    assert len(asked) == 8 * len(record_of(offer("n1")).addresses)


async def test_a_home_that_had_no_time_is_asked_again_by_itself(
    discovery: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.lan.directory.offers.REST", 0.01)
    rested = asyncio.Event()
    offers = Offers(HERE, cast("Discovery", discovery), SEAL, NodeCertificate.new(), rested.set)
    busy = True

    async def ask(address: NodeAddress, room: str, patience: float) -> RoomRecord:
        if busy:
            raise Unreachable(f"Nobody answers at {address} as a home does.")
        return record(room, home=THERE)

    monkeypatch.setattr(offers, "_ask_at", ask)
    discovery.see(offer("n1"))
    assert not await offers.answers_as_home("n1")
    busy = False
    await rested.wait()
    assert await offers.answers_as_home("n1")


async def test_a_home_that_does_not_have_the_room_is_asked_at_once_what_it_has(
    offers: Offers, discovery: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(address: NodeAddress, room: str, patience: float) -> RoomRecord:
        raise NoSuchRoom(f"{room} is not at {address}.")

    monkeypatch.setattr(offers, "_ask_at", ask)
    discovery.see(offer("n1"))
    assert not await offers.answers_as_home("n1")
    assert discovery.asked == [THERE.id]


async def test_a_home_that_was_found_by_an_address_of_this_link_only_is_asked_there(
    offers: Offers, discovery: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def ask(where: NodeAddress, room: str, patience: float) -> RoomRecord:
        tried.append(str(where))
        return record(room, home=THERE)

    monkeypatch.setattr(offers, "_ask_at", ask)
    discovery.see(offer("n1", addresses=("fe80::1%eth0",)))
    assert await offers.answers_as_home("n1")
    assert tried == ["[fe80::1%eth0]:28280"]


async def test_of_several_addresses_the_first_at_which_the_home_answers_is_taken(
    offers: Offers, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def ask(where: NodeAddress, room: str, patience: float) -> RoomRecord:
        tried.append(f"{where} {patience:g}")
        if where.host == "192.0.2.7":
            return record(room, home=THERE)
        raise Unreachable(f"Nobody answers at {where}.")

    monkeypatch.setattr(offers, "_ask_at", ask)
    assert (await offers.ask("192.0.2.5,192.0.2.7:1,192.0.2.8", "n1")).id == "n1"
    assert tried == ["192.0.2.5:28280 2", "192.0.2.7:1 2"]
    with pytest.raises(Unreachable, match=r"192\.0\.2\.5"):
        await offers.ask("192.0.2.5,192.0.2.6", "n1")
    with pytest.raises(InvalidSetting):
        await offers.ask("192.0.2.5,", "n1")
