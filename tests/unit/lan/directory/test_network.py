from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from lanchat.errors import Unreachable
from lanchat.identity import NodeCertificate, Seal, TwinWatch
from lanchat.journal import DoorStore, Journal, RoomRecord
from lanchat.lan.directory import network as network_module
from lanchat.lan.directory.network import REST, Network
from lanchat.lan.discovery.discovery import FoundRoom
from lanchat.lan.link.quota import Quota
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.metrics.analytics import Count, uncounted
from lanchat.notify.notifications import Notifications
from lanchat.protocol import NodeInfo
from lanchat.rooms.access import Access
from lanchat.rooms.door import Doorkeeper
from lanchat.rooms.room import Room
from tests.support.clock import Clock
from tests.support.identity import SEAL
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import ELSEWHERE, HERE, THERE, record

KEY = NodeCertificate.new()


class FakeDiscovery:
    """What the network found, set by the test."""

    def __init__(self, node: NodeInfo, *, bind: str, on_change: Callable[[], None], **_: object) -> None:
        self.node, self.bind, self.on_change = node, bind, on_change
        self.found: Mapping[str, FoundRoom] = {}

    def introducers(self, room: str) -> frozenset[str]:
        return frozenset({"aaa", "bbb", "zzz"} if room == "few" else {"aaa", "bbb", "ccc"})

    def see(self, *rooms: FoundRoom) -> None:
        self.found = {room.id: room for room in rooms}
        self.on_change()

    def find(self, room: str) -> FoundRoom | None:
        return self.found.get(room)


class FakeLink:
    """A link that dials nobody."""

    def __init__(
        self,
        room: Room,
        node: NodeInfo,
        journal: Journal,
        addresses: Callable[[], Sequence[str]],
        on_change: Callable[[], None],
        *,
        seal: Seal,
        certificate: NodeCertificate,
        access: Access,
        notifications: Notifications,
        doors: Doorkeeper,
        set_aside: Callable[[Room], Awaitable[None]],
        quota: Quota,
        count: Count = uncounted,
    ) -> None:
        assert certificate is KEY
        self.room, self.addresses, self.on_change = room, addresses, on_change
        self.online = self.closed = False
        self.nudged = 0

    def nudge(self) -> None:
        self.nudged += 1


def introduced(room: str) -> FoundRoom:
    """What a node says of a room whose home does not answer it."""
    return msgspec.structs.replace(offer(room, port=1), by="somebody", at=("192.0.2.9:28280",))


def offer(
    room: str,
    name: str = "Hall",
    node: NodeInfo = THERE,
    *,
    members: int = 1,
    addresses: tuple[str, ...] = ("192.0.2.5",),
    port: int = 28_280,
) -> FoundRoom:
    return FoundRoom(id=room, name=name, node=node, addresses=addresses, port=port, members=members)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal that nobody opens: the network only hands it on."""

    async def ignore(*_: object) -> None:
        """Nobody listens."""

    return Journal(tmp_path / "lanchat.db", ignore)


async def keep(room: Room) -> None:
    """Nothing is set aside here."""


async def say(sentence: str) -> None:
    """Nobody is told."""


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def network(journal: Journal, changes: list[str], monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(network_module, "Discovery", FakeDiscovery)
    monkeypatch.setattr(network_module, "Link", FakeLink)
    notifications = Notifications(InMemoryChannelLayer())
    return Network(
        HERE,
        journal,
        notifications,
        keep,
        lambda: changes.append("changed"),
        seal=SEAL,
        certificate=KEY,
        access=Access(),
        doors=Doorkeeper(cast("DoorStore", None)),
        quota=Quota(Limits(), journal, say),
        twins=TwinWatch(say),
        bind="127.0.0.1",
    )


@pytest.fixture
def discovery(network: Network) -> FakeDiscovery:
    assert isinstance(network.discovery, FakeDiscovery)
    return network.discovery


@pytest.fixture
def mirror(journal: Journal) -> Room:
    kept = RoomRecord("n1", "Hall", THERE, addresses=("192.0.2.9:1234", "192.0.2.5:28280"))
    return mirror_of(kept, HERE, journal, InMemoryChannelLayer())


def test_discovery_stays_on_the_interface_that_was_asked_for(discovery: FakeDiscovery) -> None:
    assert (discovery.node, discovery.bind) == (HERE, "127.0.0.1")


def test_nothing_found_is_nothing(network: Network) -> None:
    assert network.found() == []
    assert network.find(name="Hall") is None
    assert network.find(room="n1") is None


def test_what_is_found_is_listed(network: Network, discovery: FakeDiscovery, changes: list[str]) -> None:
    discovery.see(offer("n1", members=3))
    [info] = network.found()
    assert (info.id, info.name, info.node, info.kind, info.members, info.online) == (
        "n1",
        "Hall",
        THERE,
        "found",
        3,
        True,
    )
    assert changes == ["changed"]


def test_of_rooms_of_one_name_the_claimed_number_of_people_decides_nothing(
    network: Network, discovery: FakeDiscovery
) -> None:
    discovery.see(offer("n3", members=9_999), offer("n2", node=ELSEWHERE), offer("n1", "Other", members=50))
    found = network.find(name="Hall")
    assert found is not None
    assert (found.id, found.home, found.name) == ("n2", ELSEWHERE, "Hall")
    assert network.find(name="hall") is None


def test_all_nodes_choose_the_same_of_rooms_of_one_name(network: Network, discovery: FakeDiscovery) -> None:
    chosen = set()
    for offers in ([offer("n1"), offer("n2")], [offer("n2"), offer("n1")]):
        discovery.see(*offers)
        found = network.find(name="Hall")
        chosen.add(found.id if found else None)
    assert len(chosen) == 1


def test_a_room_is_found_by_its_id_with_where_its_home_answers(network: Network, discovery: FakeDiscovery) -> None:
    discovery.see(offer("n1", addresses=("192.0.2.5", "fe80::1%eth0"), port=4000), offer("n2"))
    found = network.find(room="n1")
    assert found is not None
    assert found.addresses == ("192.0.2.5:4000", "[fe80::1%eth0]:4000")
    assert found.term == 1


async def test_a_room_that_is_only_introduced_is_away_and_gives_no_way_to_whom_introduces_it(
    network: Network, discovery: FakeDiscovery, mirror: Room
) -> None:
    link: Any = network.link(mirror)
    discovery.see(introduced("n1"))
    [info] = network.found()
    assert (info.id, info.node, info.online) == ("n1", THERE, False)
    found = network.find(name="Hall")
    assert found is not None
    assert (found.home, found.addresses) == (THERE, ("192.0.2.9:28280",))
    assert link.nudged == 0
    discovery.see(introduced("n1"), offer("n2"))
    chosen = network.find(name="Hall")
    assert chosen is not None
    assert chosen.id == "n2", "a home that answers goes before"
    discovery.see(offer("n1"))
    assert link.nudged == 1


def test_a_few_nodes_introduce_a_room(network: Network) -> None:
    assert network.may_introduce("few")
    assert not network.may_introduce("by three others")


async def test_a_link_tries_where_the_home_is_now_before_where_it_was(
    network: Network, discovery: FakeDiscovery, mirror: Room
) -> None:
    link: Any = network.link(mirror)
    assert list(link.addresses()) == ["192.0.2.9:1234", "192.0.2.5:28280"]
    discovery.see(offer("n1"))
    assert list(link.addresses()) == ["192.0.2.5:28280", "192.0.2.9:1234"]


async def test_an_offer_by_another_node_is_no_way_to_the_home(
    network: Network, discovery: FakeDiscovery, mirror: Room
) -> None:
    link: Any = network.link(mirror)
    discovery.see(offer("n1", node=ELSEWHERE, addresses=("192.0.2.66",)))
    assert list(link.addresses()) == list(mirror.record.addresses)


async def test_a_link_that_waits_is_nudged_when_its_home_is_seen(
    network: Network, discovery: FakeDiscovery, mirror: Room, journal: Journal, changes: list[str]
) -> None:
    link: Any = network.link(mirror)
    other: Any = network.link(mirror_of(record("n7", home=ELSEWHERE), HERE, journal, InMemoryChannelLayer()))
    discovery.see(offer("n1"))
    assert (link.nudged, other.nudged) == (1, 0)
    link.online = True
    discovery.see(offer("n1", members=2))
    assert link.nudged == 1
    link.on_change()
    assert changes == ["changed"] * 3


async def test_a_link_that_has_ended_is_not_nudged_any_more(
    network: Network, discovery: FakeDiscovery, mirror: Room
) -> None:
    link: Any = network.link(mirror)
    link.closed = True
    discovery.see(offer("n1"))
    assert link.nudged == 0


async def test_another_machine_of_our_name_is_told_of_once(
    network: Network, discovery: FakeDiscovery, caplog: pytest.LogCaptureFixture
) -> None:
    namesake = NodeInfo(id="d" * 32, name=HERE.name)
    discovery.see(offer("n1"))
    assert "as well" not in caplog.text
    discovery.see(offer("n1"), offer("n2", node=namesake))
    discovery.see(offer("n2", node=namesake, members=2))
    assert caplog.text.count("as well") == 1


async def test_a_forged_home_is_asked_once_and_takes_no_room_away(
    network: Network, discovery: FakeDiscovery, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    asked: list[str] = []

    async def ask(address: str, room: str) -> RoomRecord:
        asked.append(address)
        if room == "n2":
            return record("n2", home=THERE)
        raise Unreachable(f"Nobody answers at {address} as a home does.")

    monkeypatch.setattr(network, "ask", ask)
    discovery.see(offer("n1"), offer("n2"), introduced("n3"))
    assert [await network.answers_as_home(room) for room in ("n1", "n2", "n3", "none")] == [False, True, False, False]
    asked.clear()
    assert not await network.answers_as_home("n1")
    assert asked == []
    clock.advance(REST)
    assert not await network.answers_as_home("n1")
    assert asked != []
