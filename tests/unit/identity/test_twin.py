"""What the owner is told of another machine with the keys of this one, and how often."""

import pytest

from lanchat.identity import machine, twin
from lanchat.identity.twin import LASTING, PAUSE, TwinWatch
from tests.support.clock import Clock


class Told:
    def __init__(self) -> None:
        self.sentences: list[str] = []

    async def __call__(self, sentence: str) -> None:
        self.sentences.append(sentence)


async def test_a_twin_is_told_with_what_to_do_and_once_an_hour(clock: Clock) -> None:
    told = Told()
    watch = TwinWatch(told)
    for number in range(20):
        await watch.answered(f"192.0.2.{number}", "another run")
        await watch.called("192.0.2.7")
    (sentence,) = told.sentences
    assert "at 192.0.2.0" in sentence
    assert "lanchat identity renew" in sentence
    assert "lanchat identity restore" in sentence
    clock.advance(PAUSE)
    await watch.answered("192.0.2.9", "another run")
    assert len(told.sentences) == 2


async def test_what_comes_from_this_run_or_this_machine_is_no_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    watch = TwinWatch(told)
    await watch.answered("192.0.2.7", watch.instance)  # somebody passes on what is asked there
    await watch.called("127.0.0.1")
    monkeypatch.setattr(twin, "is_here", lambda address: address == "192.0.2.1")
    await watch.called("192.0.2.1")
    assert told.sentences == []
    assert TwinWatch(told).instance != watch.instance


def test_an_address_of_this_machine_is_known_with_and_without_its_zone() -> None:
    assert machine.is_here("127.0.0.1")
    assert machine.is_here("127.0.0.1%lo")
    assert not machine.is_here("192.0.2.1")


async def test_where_a_twin_was_seen_last_is_known_for_a_while(clock: Clock) -> None:
    watch = TwinWatch(Told())
    assert watch.address == ""
    await watch.answered("192.0.2.7", "another run")
    await watch.answered("192.0.2.8", "another run")
    assert watch.address == "192.0.2.8"
    clock.advance(LASTING)
    assert watch.address == ""
