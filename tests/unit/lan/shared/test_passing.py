"""What is published to the topic of a shared room; that it reaches people is in test_link.py."""

from typing import Any, cast

import pytest

from lanchat.lan.shared.passing import Passing
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
