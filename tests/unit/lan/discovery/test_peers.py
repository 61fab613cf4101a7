"""Nodes that answer, fall silent, come back and pretend."""

import asyncio
from collections import Counter

import pytest

from lanchat.errors import Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery import peers as module
from lanchat.lan.discovery.peers import Peers
from lanchat.lan.discovery.probe import TIMEOUT, Answer, AnsweredRoom, HttpsProbe
from lanchat.lan.discovery.records import Endpoint
from lanchat.protocol import NodeInfo
from tests.support.conditions import eventually
from tests.unit.lan.discovery.test_probe import DESK, GOOD, says, server

NODE = NodeInfo(id="a" * 32, name="Desk")
THERE = Endpoint(NODE.id, ("10.0.0.1",), 7_000)


class Net:
    """What answers where, without sockets."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, int], Answer] = {}
        self.asked: list[tuple[str, int]] = []
        self.slow: set[str] = set()
        self.patience: list[float] = []

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        self.asked.append((address, port))
        self.patience.append(patience)
        await (asyncio.Event().wait() if address in self.slow else asyncio.sleep(0))
        if (address, port) not in self.answers:
            raise Unreachable
        answer = self.answers[address, port]
        if answer.node.id != node:
            raise Unreachable
        return answer

    def put(self, address: str, port: int = 7_000, node: NodeInfo = NODE, members: int = 1) -> None:
        self.answers[address, port] = Answer(node, [AnsweredRoom("b" * 32, "general", members)])


class Watcher:
    def __init__(self, net: Net | HttpsProbe) -> None:
        self.changes = 0
        self.lost: list[tuple[Endpoint, bool]] = []
        self.peers = Peers(net, on_change=self._changed, on_lost=lambda *what: self.lost.append(what))

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "EVERY": 0.05,
        "RETRY": 0.02,
        "_SLOWEST": 0.1,
        "_LOST": 0.05,
        "_BETWEEN": 0.0,
        "_QUICKEST": 0.01,
        "_DOUBTFUL": 0.01,
        "PATIENCE": 8,
    }.items():
        monkeypatch.setattr(module, name, value)


async def test_who_is_said_to_go_is_asked_a_few_times_and_no_more() -> None:
    net = Net()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    peers = watcher.peers
    peers.watch([THERE])
    await eventually(lambda: peers.answer(THERE))
    peer = peers._peers[THERE]
    for _ in range(1_000):
        peers.doubt(THERE)
    assert peer.doubts == module.DOUBTS
    await eventually(lambda: peer.doubts == 0)
    peers.doubt(THERE)  # anybody can go on saying it: the node is not asked more for that
    assert (peer.doubts, watcher.lost) == (0, [])
    assert peer.later is not None, "but it is asked once more when it is time again"
    assert peer.later.when() == peer.doubted + module.DOUBT_AGAIN
    assert peers.answer(THERE)
    peer.doubted = -module.DOUBT_AGAIN
    net.answers.clear()
    peers.doubt(THERE)
    asked = len(net.asked)
    await eventually(lambda: watcher.lost == [(THERE, False)])
    assert len(net.asked) == asked + 1, "one question without an answer is enough"
    await peers.close()


async def test_answers_lost_and_back() -> None:
    net = Net()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    peers = watcher.peers
    peers.watch([THERE])
    await eventually(lambda: peers.answer(THERE))
    assert peers.address(THERE) == "10.0.0.1"
    before = watcher.changes
    net.put("10.0.0.1", members=5)
    await eventually(lambda: watcher.changes > before)
    answer = peers.answer(THERE)
    assert answer is not None
    assert answer.rooms[0].members == 5

    net.answers.clear()
    await eventually(lambda: peers.answer(THERE) is None)
    assert watcher.lost == [(THERE, False)]
    net.put("10.0.0.1")
    await eventually(lambda: peers.answer(THERE))
    await peers.close()


async def test_when_one_that_was_lost_is_back_the_others_are_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net()
    backs: list[str] = []
    peers = Peers(net, on_change=lambda: None, on_lost=lambda *_: None, on_back=lambda: backs.append("back"))
    lost = [Endpoint(f"node {number}", (f"10.0.0.{number}",), 7_000) for number in range(1, 6)]
    for endpoint in lost:
        net.put(endpoint.addresses[0], node=NodeInfo(id=endpoint.node, name="x"))
    peers.watch(lost)
    await eventually(lambda: all(peers.answer(endpoint) for endpoint in lost))
    answers = dict(net.answers)
    net.answers.clear()
    monkeypatch.setattr(module, "_LOST", 3_600.0)
    await eventually(lambda: not any(peers.answer(endpoint) for endpoint in lost))
    await eventually(lambda: len({peer.failures for peer in peers._peers.values()}) == 1)
    net.answers.update(answers)
    peers.nudge(lost[2])
    await eventually(lambda: all(peers.answer(endpoint) for endpoint in lost))
    assert "back" in backs
    assert peers.places()["node 1"] == NodeAddress("10.0.0.1", 7_000)
    await peers.close()


async def test_an_address_that_is_slow_holds_the_others_up_for_a_moment_only() -> None:
    net = Net()
    net.put("10.0.0.2")
    net.slow.add("10.0.0.1")
    watcher = Watcher(net)
    two = Endpoint(THERE.node, ("10.0.0.1", "10.0.0.2"), THERE.port)
    watcher.peers.watch([two])
    await eventually(lambda: watcher.peers.address(two) == "10.0.0.2")
    await watcher.peers.close()


async def test_one_silent_round_is_forgiven() -> None:
    net = Net()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.peers.answer(THERE))
    answers, net.answers = net.answers, {}
    asked = len(net.asked)
    await eventually(lambda: len(net.asked) > asked)
    net.answers = answers
    await eventually(lambda: len(net.asked) > asked + 3)
    assert watcher.peers.answer(THERE)
    assert watcher.lost == []
    await watcher.peers.close()


async def test_never_answered_is_given_up_at_once_and_once_there_only_later() -> None:
    net = Net()
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.lost)
    assert watcher.lost[0] == (THERE, True)
    watcher.peers.watch([])

    watcher.lost.clear()
    net.put("10.0.0.1")
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.peers.answer(THERE))
    net.answers.clear()
    await eventually(lambda: (THERE, True) in watcher.lost)
    assert watcher.lost[0] == (THERE, False)
    await watcher.peers.close()


async def test_every_address_is_tried_and_the_good_one_kept() -> None:
    net = Net()
    net.put("10.0.0.3")
    net.put("10.0.0.2", node=NodeInfo(id="c" * 32, name="Somebody else"))
    many = Endpoint(NODE.id, ("10.0.0.1", "10.0.0.2", "10.0.0.3"), 7_000)
    watcher = Watcher(net)
    watcher.peers.watch([many])
    await eventually(lambda: watcher.peers.address(many) == "10.0.0.3")
    del net.asked[:]
    await eventually(lambda: len(net.asked) > 2)
    assert set(net.asked) == {("10.0.0.3", 7_000)}
    await watcher.peers.close()


async def test_other_node_at_the_address_does_not_count() -> None:
    net = Net()
    net.put("10.0.0.1", node=NodeInfo(id="c" * 32, name="Somebody else"))
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.lost)
    assert watcher.peers.answer(THERE) is None
    await watcher.peers.close()


async def test_a_node_that_moves_is_not_missing_in_between() -> None:
    net = Net()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.peers.answer(THERE))
    moved = Endpoint(NODE.id, ("10.0.0.9",), 7_000)
    watcher.peers.watch([moved])
    assert watcher.peers.answer(moved)
    assert watcher.peers.answer(THERE) is None
    await eventually(lambda: watcher.peers.answer(moved) is None)
    await watcher.peers.close()


async def test_suspected_and_nudged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 60.0)
    monkeypatch.setattr(module, "_SLOWEST", 60.0)
    net = Net()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.peers.answer(THERE))
    watcher.peers.suspect(NODE.id)
    assert watcher.peers.answer(THERE) is None
    assert watcher.lost == [(THERE, False)]
    await eventually(lambda: watcher.peers.answer(THERE))

    net.answers.clear()
    watcher.peers.suspect(NODE.id)
    asked = len(net.asked)
    await eventually(lambda: len(net.asked) > asked)
    net.put("10.0.0.1")
    watcher.peers.nudge(THERE)
    await eventually(lambda: watcher.peers.answer(THERE))
    watcher.peers.suspect("f" * 32)
    watcher.peers.nudge(Endpoint("f" * 32, (), 1))
    assert watcher.peers.answer(THERE)
    await watcher.peers.close()


async def test_real_server() -> None:
    probe = HttpsProbe()
    watcher = Watcher(probe)
    async with server(says(GOOD)) as port:
        endpoint = Endpoint(DESK.id, ("127.0.0.1",), port)
        watcher.peers.watch([endpoint])
        await eventually(lambda: watcher.peers.answer(endpoint))
    await eventually(lambda: watcher.peers.answer(endpoint) is None)
    async with server(says(GOOD), port=port):
        await eventually(lambda: watcher.peers.answer(endpoint))
    await watcher.peers.close()


async def test_two_hundred_at_once() -> None:
    net = Net()
    watcher = Watcher(net)
    endpoints = [Endpoint(f"{number:032x}", ("10.0.0.1",), 2_000 + number) for number in range(200)]
    for endpoint in endpoints:
        net.put("10.0.0.1", endpoint.port, NodeInfo(id=endpoint.node, name="many"))
    watcher.peers.watch(endpoints)
    await eventually(lambda: all(watcher.peers.answer(endpoint) for endpoint in endpoints))
    watcher.peers.watch(endpoints[:1])
    assert watcher.peers.answer(endpoints[1]) is None
    await watcher.peers.close()


async def test_who_has_answered_does_not_wait_for_those_who_never_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    net = Net()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.peers.answer(THERE))

    class Silent(Net):
        async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
            if port != THERE.port:
                self.asked.append((address, port))
                await asyncio.Event().wait()
            return await net.ask(address, port, node)

    silent = Silent()
    watcher.peers._probe = silent
    watcher.peers.watch([THERE, *(Endpoint("c" * 32, ("10.0.0.2",), port) for port in range(8_000, 8_009))])
    await eventually(lambda: silent.asked)
    asked = len(net.asked)
    await eventually(lambda: len(net.asked) > asked + 3)
    assert len(silent.asked) == 1  # one place for all who are new
    assert not watcher.peers.in_vain(THERE)
    await watcher.peers.close()


async def test_who_is_new_does_not_wait_for_those_who_were_asked_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 1)

    class Dead(Net):
        async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
            if port != THERE.port and (address, port) in self.asked:
                await asyncio.Event().wait()
            return await super().ask(address, port, node)

    net = Dead()
    net.put("10.0.0.1")
    watcher = Watcher(net)
    dead = [Endpoint("c" * 32, ("10.0.0.2",), port) for port in (8_001, 8_002, 8_003)]
    watcher.peers.watch(dead)
    await eventually(lambda: all(map(watcher.peers.in_vain, dead)))
    watcher.peers.watch([*dead, THERE])
    await eventually(lambda: watcher.peers.answer(THERE))
    await watcher.peers.close()


async def test_who_was_asked_in_vain_is_known() -> None:
    net = Net()
    watcher = Watcher(net)
    assert not watcher.peers.in_vain(THERE)
    watcher.peers.watch([THERE])
    await eventually(lambda: watcher.peers.in_vain(THERE))
    net.put("10.0.0.1")
    await eventually(lambda: watcher.peers.answer(THERE))
    assert not watcher.peers.in_vain(THERE)
    await watcher.peers.close()


async def test_of_many_each_is_asked_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The more there are, the longer until one of them is asked again: together they are asked as often."""
    monkeypatch.setattr(module, "SPACING", 3_600.0)
    net = Net()
    watcher = Watcher(net)
    endpoints = [Endpoint(f"{number:032x}", ("10.0.0.1",), 2_000 + number) for number in range(module.FEW + 1)]
    for endpoint in endpoints:
        net.put("10.0.0.1", endpoint.port, NodeInfo(id=endpoint.node, name="many"))
    watcher.peers.watch(endpoints[:-1])
    await eventually(lambda: min(net.asked.count(("10.0.0.1", each.port)) for each in endpoints[:-1]) > module.YOUNG)
    last = endpoints[-1]
    net.answers["10.0.0.1", last.port] = Answer(NodeInfo(id=last.node, name="new"), [])
    watcher.peers.watch(endpoints)
    # Whoever has just come has its rooms in a moment, and does not wait its turn before that.
    await eventually(lambda: not watcher.peers._peers[last].young)
    assert net.asked.count(("10.0.0.1", last.port)) == module.YOUNG
    pauses = {watcher.peers._pause(peer) for peer in watcher.peers._peers.values()}
    assert pauses == {3_600.0}
    another = Endpoint("f" * 32, ("10.0.0.1",), 9_000)
    net.put("10.0.0.1", another.port, NodeInfo(id=another.node, name="another"))
    watcher.peers.watch([*endpoints, another])
    await eventually(lambda: watcher.peers.answer(another))
    assert not watcher.peers._peers[another].young, "it has a room: nothing is to come that nobody says"
    net.answers.clear()
    watcher.peers.doubt(endpoints[0], times=1)  # somebody else has noticed
    await eventually(lambda: watcher.lost == [(endpoints[0], False)])
    await watcher.peers.close()


async def test_who_does_not_answer_in_time_has_longer_the_next_time() -> None:
    """Where all machines are busy, an answer that comes late would else be asked for without end."""
    net = Net()
    watcher = Watcher(net)
    watcher.peers.watch([THERE])
    await eventually(lambda: len(net.patience) >= module.UNPROVEN)
    assert net.patience[: module.UNPROVEN] == [TIMEOUT * times for times in (1, 2, 3, 4, 4)]
    net.put("10.0.0.1")
    watcher.peers.nudge(THERE)
    await eventually(lambda: watcher.peers.answer(THERE))
    asked = len(net.patience)
    watcher.peers.nudge(THERE)
    await eventually(lambda: len(net.patience) > asked)
    assert net.patience[asked] == TIMEOUT
    await watcher.peers.close()


async def test_of_many_who_do_not_answer_each_is_asked_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has just been plugged in among many busy ones would else do little but ask all of them again."""
    monkeypatch.setattr(module, "_BETWEEN", 1_000.0)
    watcher = Watcher(Net())
    endpoints = [Endpoint(f"{number:032x}", ("10.0.0.1",), 2_000 + number) for number in range(9)]
    watcher.peers.watch(endpoints)
    there = watcher.peers._peers
    await eventually(lambda: all(peer.failures >= module.FAILURES for peer in there.values()))
    assert {watcher.peers._pause(peer) for peer in there.values()} == {9_000.0}
    await watcher.peers.close()


async def test_those_who_are_lost_are_asked_once_when_several_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net()
    watcher = Watcher(net)
    endpoints = [Endpoint(f"{number:032x}", ("10.0.0.1",), 2_000 + number) for number in range(3)]
    for endpoint in endpoints:
        net.put("10.0.0.1", endpoint.port, NodeInfo(id=endpoint.node, name="many"))
    watcher.peers.watch(endpoints)
    await eventually(lambda: all(watcher.peers.answer(endpoint) for endpoint in endpoints))
    monkeypatch.setattr(module, "_LOST", 3_600.0)
    answers, net.answers = net.answers, {}
    await eventually(lambda: len(watcher.lost) == len(endpoints))
    asked = net.asked.count(("10.0.0.1", 2_002))
    net.answers = {at: answer for at, answer in answers.items() if at != ("10.0.0.1", 2_002)}
    for endpoint in endpoints[:2]:
        watcher.peers.nudge(endpoint)
        await eventually(lambda endpoint=endpoint: watcher.peers.answer(endpoint))  # type: ignore[misc]
    await eventually(lambda: net.asked.count(("10.0.0.1", 2_002)) > asked)
    assert net.asked.count(("10.0.0.1", 2_002)) == asked + 1
    await watcher.peers.close()


async def test_who_answers_again_has_the_next_of_those_who_do_not_asked_at_once_and_so_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pause in ("_LOST", "_BETWEEN", "EVERY", "RETRY"):
        monkeypatch.setattr(module, pause, 3_600.0)
    net = Net()
    watcher = Watcher(net)
    endpoints = [Endpoint(f"{number:032x}", ("10.0.0.1",), 2_000 + number) for number in range(12)]
    watcher.peers.watch(endpoints)
    await eventually(lambda: all(map(watcher.peers.in_vain, endpoints)))
    for endpoint in endpoints:
        net.put("10.0.0.1", endpoint.port, NodeInfo(id=endpoint.node, name="many"))
    watcher.peers.nudge(endpoints[7])
    await eventually(lambda: all(map(watcher.peers.answers, endpoints)))
    assert max(Counter(net.asked).values()) == 2, "each is asked once more, and then nobody"
    await watcher.peers.close()
