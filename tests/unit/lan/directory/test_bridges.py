from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lanchat.errors import InvalidFrame, LimitReached
from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory.bridges import APART, MOST, Bridges
from lanchat.lan.directory.witness_probe import WitnessProbe
from lanchat.lan.discovery import Answer, ToldNode
from lanchat.protocol import NodeInfo, RoomInfo
from lanchat.rooms import Room

HOME, FAR = "a" * 32, "b" * 32
LINKS = (
    InterfaceAddress("lo", 1, "127.0.0.1", 8),
    InterfaceAddress("eth0", 2, "10.77.0.12", 24),
    InterfaceAddress("eth1", 3, "10.78.0.99", 24),
    InterfaceAddress("eth1", 3, "fe80::99", 64),
)
AT_HOME, AT_FAR = NodeAddress("10.77.0.11", 28_280), NodeAddress("10.78.0.11", 28_280)


def room(name: str = "r", *, kind: str = "mirror", home: str = HOME, online: bool = True, listed: bool = True) -> Room:
    """As much of a room as counts here."""
    info = RoomInfo(name, name, NodeInfo(home, "ann"), "mirror", 0, 0, online)
    record = SimpleNamespace(home=NodeInfo(home, "ann"))
    door = SimpleNamespace(policy=SimpleNamespace(listed=listed))
    return cast("Room", SimpleNamespace(id=name, kind=kind, info=info, record=record, door=door))


class Lab:
    """A machine in two networks: a home on the one side, and somebody on the other."""

    def __init__(self, memory: Path | None = None) -> None:
        self.places: dict[str, NodeAddress] = {HOME: AT_HOME, FAR: AT_FAR}
        self.changes = 0
        self.now = 0.0
        self.probe = WitnessProbe(lambda: ("me", 1), lambda: self.now)
        self.rooms: Iterable[Room] = [room()]
        self.bridges = Bridges(self.probe, self.places.get, self._changed, lambda: LINKS, memory)
        self.bridges.port = 28_280
        self.tell(FAR, AT_FAR.host)

    def tell(self, node: str, host: str, *told: str) -> None:
        nodes = [ToldNode(each, "192.0.2.1:1") for each in told]
        self.probe.note(node, host, Answer(NodeInfo(node, "n"), [], nodes=nodes))

    def look(self, seconds: float = 0.0, links: tuple[InterfaceAddress, ...] = LINKS) -> str:
        """Look after some seconds, and give how the room is marked."""
        self.now += seconds
        self.bridges.look(self.rooms, links, self.now)
        return self.bridges.marked(room().info).bridge

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_a_room_is_offered_once_somebody_did_not_reach_its_home_for_a_while(lab: Lab) -> None:
    assert lab.look() == ""
    assert lab.look(APART - 1) == ""
    assert lab.changes == 0
    assert lab.look(1) == "offered"
    assert lab.look(1) == "offered"
    assert lab.changes == 1
    lab.tell(FAR, AT_FAR.host, HOME)
    assert lab.look(1) == ""


@pytest.mark.parametrize(
    ("change", "links"),
    [
        ({"kind": "home"}, LINKS),
        ({"online": False}, LINKS),
        ({"listed": False}, LINKS),
        ({"home": "redis"}, LINKS),
        ({"home": "c" * 32}, LINKS),  # nobody knows where it is
        ({}, LINKS[:2]),
    ],
)
def test_nothing_else_is_offered(lab: Lab, change: dict[str, Any], links: tuple[InterfaceAddress, ...]) -> None:
    lab.rooms = [room(**change)]
    lab.look(links=links)
    assert lab.look(APART, links) == ""


def test_who_is_on_the_side_of_the_home_or_beyond_a_router_counts_for_nothing(lab: Lab) -> None:
    for host in ("10.77.0.50", "10.99.0.5", "fe80::5%eth1", "not an address"):
        lab.tell(FAR, host)
        lab.look()
        assert lab.look(APART) == ""


async def test_the_other_side_is_told_that_the_home_answers_here(lab: Lab) -> None:
    lab.look()
    assert not lab.bridges.any
    assert lab.bridges.home(HOME) is None
    await lab.bridges.turn(room(), on=True)
    assert lab.look() == "on"
    assert lab.bridges.told("10.78.0.99") == [ToldNode(HOME, "10.78.0.99:28280")]
    assert lab.bridges.told("10.77.0.12") == [], "there it answers itself"
    assert lab.bridges.told("127.0.0.1") == lab.bridges.told("fe80::99%eth1") == []
    assert lab.bridges.any
    assert lab.bridges.home(HOME) == AT_HOME
    assert lab.bridges.home(FAR) is None
    assert not lab.probe.relayed(HOME)
    assert lab.probe.relayed(FAR)
    lab.places[HOME] = NodeAddress("192.0.2.1", 1)
    assert lab.bridges.home(HOME) is None, "it is beside this machine no more"
    assert lab.bridges.told("10.78.0.99") == []
    await lab.bridges.turn(room(), on=False)
    assert not lab.bridges.any


async def test_a_room_of_this_machine_needs_nobody_between_and_there_are_so_many(lab: Lab) -> None:
    for mine in (room(kind="home"), room(home="redis")):
        with pytest.raises(InvalidFrame, match="another machine"):
            await lab.bridges.turn(mine, on=True)
    for number in range(MOST):
        await lab.bridges.turn(room(str(number)), on=True)
    with pytest.raises(LimitReached, match="16 rooms"):
        await lab.bridges.turn(room("more"), on=True)
    await lab.bridges.turn(room("3"), on=True)


async def test_a_start_changes_nothing_and_a_file_of_anybody_breaks_nothing(tmp_path: Path) -> None:
    memory = tmp_path / "node.bridges"
    await Lab(memory).bridges.turn(room(), on=True)
    assert Lab(memory).bridges.kept() == ["r"]
    for text in (b"", b"{", b"[1]", b'["' + b"r" * 9_000 + b'"]', b"\xff"):
        memory.write_bytes(text)
        assert Lab(memory).bridges.kept() == []
