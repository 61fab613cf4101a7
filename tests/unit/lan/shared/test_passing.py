"""What is published to the topic of a shared room; that it reaches people is in test_link.py."""

from typing import Any, cast

import pytest

from lanchat.lan.shared.passing import LOOK, Passing, TopicHints
from lanchat.protocol import Author, NodeInfo, Typing, encode

ADA, BOB = (NodeInfo(id=f"{name}-{'0' * 8}", name=name) for name in ("ada", "bob"))


class Ear:
    """Counts, owns a room, and takes what comes."""

    id = "r" * 32
    name = "Harbour"
    owner = "somebody"

    def __init__(self) -> None:
        self.taken: list[object] = []
        self.refused = 0

    async def take(self, frame: object) -> None:
        self.taken.append(frame)

    def count(self, name: str, value: int = 1, *, label: str = "") -> None:
        del label
        self.refused += value if name == "shared_refused" else 0


@pytest.fixture
def ear() -> Ear:
    return Ear()


def passing(ear: Ear, node: NodeInfo) -> Passing:
    known = cast("Any", ear)
    return Passing(known, node, known, known, ear.count)


async def test_a_node_passes_over_its_own(ear: Ear) -> None:
    frame = Typing(room=ear.id, author=Author(id="g-" + "0" * 32, nick="Carl"), node=ADA.id)
    here, there = passing(ear, ADA), passing(ear, BOB)
    for each in (here, there):
        each.hear(here.written(frame))
        await each.take()
    assert len(ear.taken) == 1


@pytest.mark.parametrize(
    "body", [b"", b"x", b"x {", b"x " + encode(Typing(room="elsewhere", author=None)), b"\xff " * 9]
)
async def test_what_is_no_frame_of_a_node_is_counted_or_dropped(ear: Ear, body: bytes) -> None:
    here = passing(ear, ADA)
    here.hear(body)
    await here.take()
    assert ear.taken == []


async def test_so_many_wait_at_most(ear: Ear) -> None:
    here = passing(ear, ADA)
    for _ in range(10_000):
        here.hear(b"x {")
    await here.take()
    assert 0 < ear.refused <= 256


# When to look --------------------------------------------------------------------------------------------------------


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hints(clock: Clock) -> TopicHints:
    """A node that has everything up to 7."""
    hints = TopicHints(clock)
    assert hints.due(7)
    hints.looking()
    hints.looked()
    return hints


def test_a_hint_at_something_new_makes_a_node_look_and_one_at_what_is_here_does_not(hints: TopicHints) -> None:
    assert not hints.due(7)
    assert hints.hear(b"wake 7")
    assert not hints.due(7)
    assert hints.hear(b"wake 8")
    assert hints.due(7)
    assert not hints.due(8)


@pytest.mark.parametrize("body", [b"wake", b"wake ", b"wake x", b"wake -1", b"wake 1e9", b"wake " + b"9" * 5_000])
def test_a_hint_without_a_place_makes_a_node_look_once(hints: TopicHints, body: bytes) -> None:
    assert hints.hear(body)
    assert hints.due(2**52)
    hints.looking()
    hints.looked()
    assert not hints.due(7)


def test_what_is_heard_while_a_node_looks_is_for_the_next_time(hints: TopicHints) -> None:
    hints.looking()
    hints.hear(b"wake 9")
    hints.looked()
    assert hints.due(8)
    assert not hints.due(9)


def test_who_did_not_get_to_the_end_looks_again(hints: TopicHints) -> None:
    hints.looking()
    assert hints.due(7)
    hints.looked()
    hints.anything()
    assert hints.due(7)


def test_a_node_looks_now_and_then_in_any_case(hints: TopicHints, clock: Clock) -> None:
    clock.now += LOOK - 0.1
    assert not hints.due(7)
    clock.now += 0.2
    assert hints.due(7)


@pytest.mark.parametrize("body", [b"", b"waken 7", ADA.id.encode() + b" {}"])
def test_anything_else_is_no_hint(hints: TopicHints, body: bytes) -> None:
    assert not hints.hear(body)
    assert not hints.due(7)
