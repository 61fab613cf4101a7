"""Places that announce our own id are asked whether they have our key: a few, and not all at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.errors import Unreachable
from lanchat.identity import TwinWatch
from lanchat.lan.discovery import twin_probe as module
from lanchat.lan.discovery.probe import TIMEOUT, Answer
from lanchat.lan.discovery.records import FoundRoom
from lanchat.lan.discovery.twin_probe import AGAIN, MOST, TwinProbe
from lanchat.protocol import NodeInfo
from tests.support.clock import Clock
from tests.support.conditions import eventually

HERE = NodeInfo(id="a" * 32, name="here")


def hint(address: str, port: int) -> FoundRoom:
    return FoundRoom("f" * 32, "general", HERE, (address,), port, 1)


class Net:
    """Who answers where, under our certificate."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.answers: dict[tuple[str, int], str] = {}

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        assert node == HERE.id
        self.asked.append((address, port))
        await asyncio.sleep(0)
        if (address, port) not in self.answers:
            raise Unreachable("Another machine answers there.")
        return Answer(HERE, [], self.answers[address, port])


class Owner:
    def __init__(self) -> None:
        self.told: list[str] = []

    async def __call__(self, sentence: str) -> None:
        self.told.append(sentence)


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def watch(owner: Owner) -> TwinWatch:
    return TwinWatch(owner)


@pytest.fixture
async def twins(net: Net, watch: TwinWatch, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwinProbe]:
    monkeypatch.setattr(module, "BETWEEN", 0)
    twins = TwinProbe(HERE, net, watch)
    yield twins
    await twins.close()


async def test_who_has_the_key_is_told_and_who_has_not_is_nobody(net: Net, owner: Owner, twins: TwinProbe) -> None:
    net.answers["192.0.2.7", 28280] = "another run"
    twins.look(hint("192.0.2.66", 28280), ())  # advertises our id, and cannot prove it
    twins.look(hint("192.0.2.7", 28280), ())
    await eventually(lambda: owner.told)
    assert "192.0.2.7" in owner.told[0]
    assert net.asked == [("192.0.2.66", 28280), ("192.0.2.7", 28280)]


async def test_who_only_passes_on_is_no_twin(net: Net, owner: Owner, watch: TwinWatch, twins: TwinProbe) -> None:
    net.answers["192.0.2.66", 1_024] = watch.instance
    twins.look(hint("192.0.2.66", 1_024), ())
    await eventually(lambda: net.asked)
    await twins.close()
    assert owner.told == []


async def test_a_flood_of_places_asks_few(net: Net, twins: TwinProbe, clock: Clock) -> None:
    for number in range(10_000):
        twins.look(hint(f"10.0.{number // 250}.{number % 250}", 28280), ())
    await eventually(lambda: len(net.asked) == MOST)
    for _ in range(3):
        twins.look(hint(net.asked[0][0], 28280), ())
    await twins.close()
    assert len(net.asked) == MOST
    clock.advance(AGAIN)
    twins.look(hint(net.asked[0][0], 28280), ())
    await eventually(lambda: len(net.asked) == MOST + 1)
