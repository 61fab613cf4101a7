from typing import Any

import pytest

from lanchat.errors import Unreachable
from lanchat.lan.directory import witness_probe as module
from lanchat.lan.directory.witness_probe import LASTING, MOST, WitnessProbe
from lanchat.lan.discovery import MAX_TOLD, TIMEOUT, Answer, ToldNode
from lanchat.protocol import NodeInfo


def answer(*told: str) -> Answer:
    return Answer(NodeInfo("n", "ann"), [], nodes=[ToldNode(node, "192.0.2.1:28280") for node in told])


class FakeHttps:
    """Answers for one node, and keeps whether it might have been through another machine."""

    asked: tuple[Any, ...] = ()

    def __init__(self, _: object) -> None:
        """It asks nobody."""

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT, *, relayed: bool) -> Answer:
        FakeHttps.asked = (address, port, node, relayed)
        if node == "gone":
            raise Unreachable("Nobody answers.")
        return answer("a", "b")


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch, now: list[float]) -> WitnessProbe:
    monkeypatch.setattr(module, "HttpsProbe", FakeHttps)
    return WitnessProbe(lambda: ("me", 1), lambda: now[0])


async def test_whom_a_node_told_of_is_remembered_for_a_while(probe: WitnessProbe) -> None:
    assert (await probe.ask("192.0.2.5", 1, "n")).node.name == "ann"
    [(node, known)] = probe.witnesses(LASTING - 1)
    assert (node, known.host, known.reaches("a"), known.reaches("c")) == ("n", "192.0.2.5", True, False)
    assert list(probe.witnesses(LASTING)) == []


async def test_who_showed_no_key_or_did_not_answer_is_no_witness(probe: WitnessProbe) -> None:
    await probe.ask("192.0.2.5", 1, "")
    with pytest.raises(Unreachable):
        await probe.ask("192.0.2.5", 1, "gone")
    assert list(probe.witnesses(0)) == []


async def test_to_whom_others_are_passed_on_is_asked_where_it_is_itself(probe: WitnessProbe) -> None:
    await probe.ask("192.0.2.5", 1, "n")
    assert FakeHttps.asked == ("192.0.2.5", 1, "n", True)
    probe.relayed = lambda node: node != "n"
    await probe.ask("192.0.2.5", 1, "n")
    assert FakeHttps.asked[-1] is False


def test_who_tells_of_as_many_as_fit_may_reach_more(probe: WitnessProbe) -> None:
    probe.note("n", "192.0.2.5", answer(*map(str, range(MAX_TOLD))))
    [(_, known)] = probe.witnesses(0)
    assert (known.reaches("1"), known.reaches("x")) == (True, None)


def test_so_many_are_remembered(probe: WitnessProbe) -> None:
    for number in range(MOST + 5):
        probe.note(str(number), "192.0.2.5", answer())
    assert [node for node, _ in probe.witnesses(0)] == [str(number) for number in range(5, MOST + 5)]
