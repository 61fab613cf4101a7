"""A room with people at its home and at a mirror: either side is disconnected and killed while they talk."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.recovery.crowd import CATCH_UP, Crowd, two_nodes
from tests.recovery.node import Node
from tests.support.conditions import eventually
from tests.support.faults import Wire, cut, half_open, killed, lasting, reset_after

Fault = Callable[[Crowd, Wire, random.Random], Awaitable[None]]


async def home_killed(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    await _killed(crowd.nodes[0], dice)


async def mirror_killed(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    await _killed(crowd.nodes[1], dice)


async def both_killed(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    with killed(crowd.nodes[0]), killed(crowd.nodes[1]):
        pass
    for node in crowd.nodes:
        await node.ready()


async def mirror_killed_behind_a_cut(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    with cut(wire):
        await lasting(dice.uniform(0, 0.5))
        await _killed(crowd.nodes[1], dice)


async def disconnected(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    with cut(wire):
        await lasting(dice.uniform(0, 1))


async def broken_in_a_frame(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    before = wire.carried
    with reset_after(wire, dice.randrange(1, 5_000)):
        await eventually(lambda: wire.carried > before, CATCH_UP)
        await lasting(dice.uniform(0, 0.3))


async def silent(crowd: Crowd, wire: Wire, dice: random.Random) -> None:
    with half_open(wire):
        await lasting(dice.uniform(0, 1))


FAULTS: list[Fault] = [
    home_killed,
    mirror_killed,
    both_killed,
    mirror_killed_behind_a_cut,
    disconnected,
    broken_in_a_frame,
    silent,
]


@pytest.mark.parametrize(
    ("posts", "count"), [pytest.param(200, 10, id="short"), pytest.param(1000, 50, id="long", marks=pytest.mark.soak)]
)
async def test_disconnected_and_killed_at_random(tmp_path: Path, dice: random.Random, posts: int, count: int) -> None:
    async with two_nodes(tmp_path) as (crowd, wire):
        for node in crowd.nodes:
            await crowd.come(2, node.url)
        moments = sorted(dice.sample(range(posts), count))
        # Each once, then any.
        faults = dice.sample(FAULTS, len(FAULTS)) + dice.choices(FAULTS, k=count - len(FAULTS))
        async with crowd.talking(dice, most=posts):
            for moment, fault in zip(moments, faults, strict=True):
                await crowd.more(max(0, moment - crowd.acknowledged))
                await fault(crowd, wire, dice)
        verdict = await crowd.verdict()
        entries = crowd.home.journal().entries
        assert [entry.seq for entry in entries] == list(range(1, posts + 1))
        assert all(node.journal().entries == entries for node in crowd.nodes)
        print(f"{posts} events in order; {len(verdict.recovered)} recovered")


async def _killed(node: Node, dice: random.Random) -> None:
    with killed(node):
        await lasting(dice.uniform(0, 0.3))
    await node.ready()
