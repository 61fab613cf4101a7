"""Which rooms are listed of those that many nodes say they have."""

import asyncio

import pytest

from lanchat.errors import Unreachable
from lanchat.lan.discovery.listing import MAX_LISTED, listed
from lanchat.lan.discovery.peers import Peers
from lanchat.lan.discovery.probe import TIMEOUT, Answer, AnsweredRoom
from lanchat.lan.discovery.records import Endpoint, FoundRoom
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually


class Net:
    """Nodes by id: what they answer."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.hints: list[FoundRoom] = []
        self.peers = Peers(self, on_change=lambda: None, on_lost=lambda *_: None)

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        await asyncio.sleep(0)
        if node not in self.answers:
            raise Unreachable
        return self.answers[node]

    def node(self, name: str, address: str, announced: int = 1, quiet: int = 0) -> list[str]:
        """Let a node be there with rooms, of which it announces some; gives their ids."""
        node = NodeInfo(f"{name}-node", name)
        ids = [f"{name}-{number}" for number in range(announced + quiet)]
        rooms = [AnsweredRoom(room, room, 1) for room in ids]
        self.answers[node.id] = Answer(node, rooms)
        self.hints += [FoundRoom(room, room, node, (address,), 7_000, 1) for room in ids[:announced]]
        return ids

    async def asked(self) -> None:
        """Wait until every node was asked."""
        self.peers.watch(map(Endpoint.of, self.hints))
        there = [hint for hint in self.hints if hint.node.id in self.answers]
        await eventually(lambda: all(self.peers.answer(Endpoint.of(hint)) for hint in there))

    def listed(self, before: dict[str, FoundRoom] | None = None) -> dict[str, FoundRoom]:
        return listed(self.hints, self.peers, before or {})


@pytest.fixture
def net() -> Net:
    return Net()


async def test_a_node_that_tells_of_many_leaves_others_their_place(net: Net) -> None:
    net.node("loud", "10.0.0.1", 60, 700)
    (room,) = net.node("late", "10.0.0.2")
    await net.asked()
    found = net.listed()
    assert room in found
    assert len(found) == MAX_LISTED
    await net.peers.close()


async def test_one_alone_has_all_the_places(net: Net) -> None:
    ids = net.node("one", "10.0.0.1", 2, 100)
    await net.asked()
    assert list(net.listed()) == ids
    await net.peers.close()


async def test_what_a_node_tells_counts_also_where_nobody_heard_it_announced(net: Net) -> None:
    ids = net.node("one", "10.0.0.1", 2)
    net.hints.pop()
    await net.asked()
    assert list(net.listed()) == ids
    await net.peers.close()


async def test_a_room_stays_with_its_node_while_that_has_it(net: Net) -> None:
    net.node("true", "10.0.0.1")
    await net.asked()
    before = net.listed()
    net.answers["false-node"] = Answer(NodeInfo("false-node", "false"), net.answers["true-node"].rooms)
    net.hints.insert(0, FoundRoom("true-0", "true-0", NodeInfo("false-node", "false"), ("10.0.0.2",), 7_000, 1))
    await net.asked()
    assert net.listed(before)["true-0"].node.name == "true"
    del net.answers["true-node"]
    net.hints.pop()
    await net.asked()
    assert net.listed(before)["true-0"].node.name == "false"
    await net.peers.close()
