"""What a message may claim: how many disks it is on and how many people have read it, and never more than is true."""

from collections.abc import AsyncIterator

import pytest

from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import MAX_STEPS, NodeInfo, Receipts, encode
from lanchat.rooms import receipts
from lanchat.rooms.receipts import RoomReceipts
from lanchat.rooms.room import Room
from tests.support.conditions import eventually
from tests.support.rooms.members import FakeUpstream, Listener
from tests.support.rooms.said import ELSEWHERE, HERE, THERE, draft, event


class Stage:
    """How far a room is, on this node, and what was told of it."""

    def __init__(self) -> None:
        self.kept = 0
        self.told: list[Receipts] = []
        self.receipts = RoomReceipts("m1", HERE, lambda: self.kept, self._tell)

    async def _tell(self, frame: Receipts) -> None:
        self.told.append(frame)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(receipts, "PAUSE", 0.01)
    monkeypatch.setattr(receipts, "GATHER", 0.01)
    stage = Stage()
    yield stage
    await stage.receipts.close()


def mine(kept: int, *read: tuple[int, int]) -> Receipts:
    return Receipts(room="m1", node=HERE, kept=kept, read=list(read))


async def test_what_is_kept_is_told_and_in_a_storm_only_the_last(stage: Stage) -> None:
    for stage.kept in range(1, 101):
        await stage.receipts.advance()
    assert stage.told == [mine(1)]
    await eventually(lambda: stage.told == [mine(1), mine(100)])


async def test_readers_are_counted_by_how_far_they_are(stage: Stage) -> None:
    for person, seq in (("a", 5), ("b", 3), ("c", 5), ("a", 4), ("b", 3)):
        await stage.receipts.read(person, seq)
    await eventually(lambda: stage.told[-1] == mine(0, (5, 2), (3, 1)))


async def test_those_far_behind_are_counted_together_and_not_too_far(stage: Stage) -> None:
    for seq in range(1, 101):
        await stage.receipts.read(f"p{seq}", seq)
    await stage.receipts.announce()
    read = stage.told[-1].read
    assert len(read) == MAX_STEPS
    assert read[0] == (100, 1)
    assert read[-1] == (1, 100 - MAX_STEPS + 1)
    assert sum(count for _, count in read) == 100


async def test_what_another_node_says_is_kept_and_passed_on(stage: Stage) -> None:
    for kept in (3, 7):
        await stage.receipts.receive(Receipts(room="m1", node=THERE, kept=kept))
        await eventually(lambda kept=kept: stage.told[-1:] == [Receipts(room="m1", node=THERE, kept=kept)])  # type: ignore[misc]
    assert stage.receipts.frames() == [Receipts(room="m1", node=THERE, kept=7)]


async def test_what_several_nodes_say_is_passed_on_together_and_only_the_last_of_each(stage: Stage) -> None:
    for kept in range(1, 101):
        for node in (THERE, ELSEWHERE):
            await stage.receipts.receive(Receipts(room="m1", node=node, kept=kept))
    assert stage.told == []
    await eventually(lambda: stage.told != [])
    assert [(frame.node, frame.kept) for frame in stage.told] == [(THERE, 100), (ELSEWHERE, 100)]


async def test_nobody_else_says_how_far_this_node_is(stage: Stage) -> None:
    await stage.receipts.receive(mine(1000))
    assert (stage.told, stage.receipts.frames()) == ([], [])


async def test_a_mirror_tells_its_home_what_is_on_its_disk(
    mirror: Room, upstream: FakeUpstream, layer: InMemoryChannelLayer
) -> None:
    await mirror._journal.mirror("m1", [event(1, room="m1"), event(2, room="m1")])
    listener = await Listener.of(layer, mirror.group)
    await mirror.publish([event(1, room="m1"), event(2, room="m1")])
    assert upstream.sent == [Receipts(room="m1", node=HERE, kept=2)]
    assert [frame["type"] for frame in listener.frames] == ["receipts"]


async def test_a_home_does_not_say_what_everybody_knows(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    await home.post(draft("x"))
    assert listener.frames == []
    await home.receipts.read("ada", 1)
    assert [(frame.get("kept", 0), frame["read"]) for frame in listener.frames] == [(0, [[1, 1]])]


# Strangers that come and go -------------------------------------------------------------------------------------------


def stranger(number: int, name: str = "x") -> Receipts:
    steps = [(2**60 + step, 1_000_000) for step in range(MAX_STEPS)]
    node = NodeInfo(id=f"{number:064}", name=name)
    return Receipts(room="m1", node=node, kept=2**60, read=steps)


async def test_only_so_many_nodes_are_remembered_and_the_silent_ones_go_first(stage: Stage) -> None:
    await stage.receipts.advance()
    real = Receipts(room="m1", node=THERE, kept=1)
    for number in range(2 * receipts.MOST_NODES):
        await stage.receipts.receive(stranger(number))
        if number % 100 == 0:
            await stage.receipts.receive(real)
    assert len(stage.receipts._said) == receipts.MOST_NODES
    assert real in stage.receipts._said.values()


async def test_who_joins_is_told_what_fits_this_node_first(stage: Stage) -> None:
    await stage.receipts.advance()
    for number in range(receipts.MOST_NODES):
        await stage.receipts.receive(stranger(number, "🍲" * 64))
    told = stage.receipts.frames()
    assert told[0] == mine(0)
    assert told[1] == stranger(receipts.MOST_NODES - 1, "🍲" * 64)
    assert len(told) > 20
    assert sum(len(encode(frame)) for frame in told) <= receipts.MOST_BYTES


async def test_only_so_many_readers_are_remembered(stage: Stage) -> None:
    for number in range(receipts.MOST_READERS + 500):
        await stage.receipts.read(f"p{number}", 1)
    assert len(stage.receipts._read) == receipts.MOST_READERS
