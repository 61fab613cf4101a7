import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from lanchat.errors import Unreachable
from lanchat.journal import Journal, RoomRecord
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory import links as module
from lanchat.lan.directory.links import Links
from lanchat.lan.discovery import Discovery
from lanchat.lan.link import Link
from lanchat.lan.machine import Move
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import Quorum
from lanchat.rooms.room import Room
from tests.support.conditions import eventually
from tests.support.lan.offered import FakeDiscovery, introduced, offer
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import ELSEWHERE, HERE, THERE, record


class FakeLink:
    """A link that dials nobody."""

    def __init__(self, room: Room, addresses: Callable[[], Sequence[str]]) -> None:
        self.room, self.addresses = room, addresses
        self.online = self.closed = False
        self.here, self.there = "192.0.2.1", "192.0.2.5"
        self.nudged = self.renewed = 0
        self.sent: list[Quorum] = []

    def nudge(self) -> None:
        self.nudged += 1

    def renew(self) -> None:
        self.renewed += 1

    def send(self, frame: Quorum) -> None:
        self.sent.append(frame)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal that nobody opens."""

    async def ignore(*_: object) -> None:
        """Nobody listens."""

    return Journal(tmp_path / "lanchat.db", ignore)


@pytest.fixture
def discovery() -> FakeDiscovery:
    return FakeDiscovery(HERE)


@pytest.fixture
def links(discovery: FakeDiscovery) -> Links:
    made = Links(cast("Discovery", discovery), lambda room, addresses: cast("Link", FakeLink(room, addresses)))
    discovery.on_change = made.found_changed
    return made


@pytest.fixture
def mirror(journal: Journal) -> Room:
    kept = RoomRecord("n1", "Hall", THERE, addresses=("192.0.2.9:1234", "192.0.2.5:28280"))
    return mirror_of(kept, HERE, journal, InMemoryChannelLayer())


def begun(links: Links, room: Room) -> FakeLink:
    return cast("FakeLink", links.begin(room))


async def test_a_link_tries_where_the_home_is_now_before_where_it_was(
    links: Links, discovery: FakeDiscovery, mirror: Room
) -> None:
    link = begun(links, mirror)
    assert list(link.addresses()) == ["192.0.2.9:1234", "192.0.2.5:28280"]
    discovery.see(offer("n1"))
    assert list(link.addresses()) == ["192.0.2.5:28280", "192.0.2.9:1234"]


async def test_a_home_that_offers_the_room_to_nobody_is_dialled_where_it_answers(
    links: Links, discovery: FakeDiscovery, mirror: Room
) -> None:
    """So does one that leads to a room in a Redis."""
    link = begun(links, mirror)
    discovery.places[THERE.id] = NodeAddress("192.0.2.7", 28_280)
    assert list(link.addresses()) == ["192.0.2.7:28280", "192.0.2.9:1234", "192.0.2.5:28280"]


async def test_an_offer_by_another_node_is_no_way_to_the_home(
    links: Links, discovery: FakeDiscovery, mirror: Room
) -> None:
    link = begun(links, mirror)
    discovery.see(offer("n1", node=ELSEWHERE, addresses=("192.0.2.66",)))
    assert list(link.addresses()) == list(mirror.record.addresses)


async def test_a_link_that_waits_is_nudged_when_its_home_is_seen(
    links: Links, discovery: FakeDiscovery, mirror: Room, journal: Journal
) -> None:
    link = begun(links, mirror)
    other = begun(links, mirror_of(record("n7", home=ELSEWHERE), HERE, journal, InMemoryChannelLayer()))
    discovery.see(offer("n1"))
    assert (link.nudged, other.nudged) == (1, 0)
    link.online = True
    discovery.see(offer("n1", members=2))
    assert link.nudged == 1


async def test_a_link_that_has_ended_is_not_nudged_any_more(
    links: Links, discovery: FakeDiscovery, mirror: Room
) -> None:
    link = begun(links, mirror)
    link.closed = True
    discovery.see(offer("n1"))
    assert link.nudged == 0


async def test_a_home_that_is_only_introduced_is_not_dialled(
    links: Links, discovery: FakeDiscovery, mirror: Room
) -> None:
    link = begun(links, mirror)
    discovery.see(introduced("n1"))
    assert link.nudged == 0


async def test_what_an_address_of_this_machine_held_is_dialled_anew_when_that_is_gone(
    links: Links, mirror: Room, journal: Journal
) -> None:
    link = begun(links, mirror)
    waiting = begun(links, mirror_of(record("n7", home=ELSEWHERE), HERE, journal, InMemoryChannelLayer()))
    link.online = True
    links.moved(Move(frozenset({"192.0.2.1", "198.51.100.7"})))
    assert (link.renewed, waiting.renewed) == (0, 1), "its connection holds; who has none tries at once"
    links.moved(Move(frozenset({"198.51.100.7"})))
    assert link.renewed == 1
    links.moved(Move(frozenset({"192.0.2.1"}), slept=True))
    assert link.renewed == 2, "after a sleep nothing can be trusted"


async def test_a_home_that_answers_elsewhere_is_dialled_anew_only_when_it_is_silent_where_it_was(
    links: Links, discovery: FakeDiscovery, mirror: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = True

    async def fetch(address: NodeAddress, node: str, path: str, patience: float) -> bytes:
        asked.append(f"{address} {node == THERE.id} {path} {patience < 1}")
        await asyncio.sleep(0)
        if not answers:
            raise Unreachable
        return b""

    monkeypatch.setattr(module, "fetch", fetch)
    link = begun(links, mirror)
    link.online = True
    discovery.see(offer("n1"))
    discovery.places[THERE.id] = NodeAddress("192.0.2.5", 28_280)
    discovery.see(offer("n1"))
    assert not links._checks, "it answers where the link goes"
    discovery.places[THERE.id] = NodeAddress("192.0.2.66", 28_280)
    for _ in range(9):
        discovery.see(offer("n1"))
    await eventually(lambda: not links._checks)
    assert asked == ["192.0.2.5:28280 True api/node True"], "one question for however many signs"
    assert link.renewed == 0, "anybody can relay it"
    answers = False
    discovery.see(offer("n1"))
    await eventually(lambda: link.renewed == 1)
    discovery.see(offer("n1"))
    await links.close()
    assert link.renewed == 1


def test_a_frame_goes_over_the_link_of_its_room(links: Links, mirror: Room, journal: Journal) -> None:
    link = begun(links, mirror)
    frame = Quorum(room="n1", step="seek", sender="", to="", port=1)
    links.send(mirror, frame)
    links.send(mirror_of(record("n7", home=ELSEWHERE), HERE, journal, InMemoryChannelLayer()), frame)
    assert link.sent == [frame]
