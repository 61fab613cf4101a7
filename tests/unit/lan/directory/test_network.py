from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from lanchat.identity import NodeCertificate, Seal, TwinWatch
from lanchat.journal import DoorStore, Journal, RoomRecord
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory import network as network_module
from lanchat.lan.directory.network import Network
from lanchat.lan.link.quota import Quota
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.metrics.analytics import Count, uncounted
from lanchat.notify.notifications import Notifications
from lanchat.protocol import NodeInfo, Quorum
from lanchat.rooms.access import Access
from lanchat.rooms.door import Doorkeeper
from lanchat.rooms.room import Room
from tests.support.identity import SEAL
from tests.support.lan.offered import FakeDiscovery, introduced, offer
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import HERE, THERE

KEY = NodeCertificate.new()


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
        on_missing: Callable[[], None] = lambda: None,
    ) -> None:
        assert certificate is KEY
        self.room, self.addresses, self.on_change = room, addresses, on_change
        self.on_missing = on_missing
        self.online = self.closed = False
        self.nudged = 0

    def nudge(self) -> None:
        self.nudged += 1


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
def told() -> list[str]:
    return []


@pytest.fixture
def network(journal: Journal, changes: list[str], told: list[str], monkeypatch: pytest.MonkeyPatch) -> Network:
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
        tell=told.append,
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
    link.on_missing()
    assert discovery.asked == [THERE.id], "a home without the room is asked what it has"


async def test_another_machine_of_our_name_is_told_of_once(discovery: FakeDiscovery, told: list[str]) -> None:
    namesake = NodeInfo(id="d" * 32, name=HERE.name)
    neighbour = NodeInfo(id="e" * 32, name=HERE.name)
    discovery.see(offer("n1"), offer("n3", node=neighbour, addresses=("127.0.0.1",)))
    assert told == [], "another node at this machine is called as it is"
    discovery.see(offer("n1"), offer("n2", node=namesake, addresses=("192.0.2.7",)))
    discovery.see(offer("n2", node=namesake, members=2))
    [sentence] = told
    assert sentence.startswith(f"The machine at 192.0.2.7 is called {HERE.name} as well")
    assert "lanchat --name" in sentence


def test_however_many_have_our_name_a_few_are_named(discovery: FakeDiscovery, told: list[str]) -> None:
    same = [NodeInfo(id=f"{number:032x}", name=HERE.name) for number in range(20)]
    discovery.see(*(offer(f"n{number}", node=node) for number, node in enumerate(same)))
    discovery.see(*(offer(f"n{number}", node=node) for number, node in enumerate(reversed(same))))
    assert len(told) == 8


async def test_a_voter_is_brought_a_frame_where_it_answers_us_as_well(
    network: Network, discovery: FakeDiscovery, mirror: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried: list[tuple[str, Sequence[str]]] = []
    monkeypatch.setattr(network._couriers, "carry", lambda _, node, addresses, __: carried.append((node, addresses)))
    network.port = 28_280
    frame = Quorum(room="n1", step="seek", sender=f"here.{'0' * 16}", to=f"far.{'0' * 16}", port=1)
    network.carry(mirror, "far", (), frame)
    assert carried == [], "nobody knows where it is"
    discovery.places["far"] = NodeAddress("fe80::5%eth0", 28_280)
    network.carry(mirror, "far", (), frame)
    network.carry(mirror, "far", ("192.0.2.9:28280",), frame)
    assert carried == [("far", ("[fe80::5%eth0]:28280",)), ("far", ("192.0.2.9:28280", "[fe80::5%eth0]:28280"))]
