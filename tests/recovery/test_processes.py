"""Nodes that are killed and frozen while people talk, and whose clock jumps."""

import datetime as dt
import random
import time
from pathlib import Path

import apsw
import pytest

from tests.recovery.crowd import one_node
from tests.recovery.node import SILENCE
from tests.support.faults import Clock, jumped, killed, lasting, stopped

SOON = 15.0
"""Seconds within which a killed node must serve again; three on a machine that has nothing else to do."""
_DAY = 86_400.0


@pytest.mark.parametrize("cycles", [10, pytest.param(100, marks=pytest.mark.soak)])
async def test_killed_at_random_under_load(tmp_path: Path, dice: random.Random, cycles: int) -> None:
    async with one_node(tmp_path) as crowd:
        await crowd.come(4, crowd.home.url)
        async with crowd.talking(dice):
            for _ in range(cycles):
                await crowd.more(dice.randrange(1, 40))
                with killed(crowd.home):
                    await lasting(dice.uniform(0, 0.1))
                assert await crowd.home.ready() < SOON
        verdict = await crowd.verdict()
        print(f"ready again after at most {max(crowd.home.starts[1:]):.2f} s; {len(verdict.recovered)} recovered")
        assert sum(chatter.connections for chatter in crowd.chatters) > cycles


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param((0.2, 1.0, SILENCE + 1.0), id="short"),
        pytest.param((1.0, 90.0, 30.0, 5.0), id="long", marks=pytest.mark.soak),
    ],
)
async def test_frozen_under_load(tmp_path: Path, dice: random.Random, spans: tuple[float, ...]) -> None:
    async with one_node(tmp_path) as crowd:
        await crowd.come(4, crowd.home.url)
        async with crowd.talking(dice):
            for span in spans:
                await crowd.more(20)
                with stopped(crowd.home.pid):
                    await lasting(span)
                    if span > SILENCE:
                        assert not any(chatter.online for chatter in crowd.chatters)
        await crowd.verdict()


async def test_a_clock_that_jumps(tmp_path: Path, dice: random.Random) -> None:
    clock = Clock(tmp_path / "clock")
    today = dt.datetime.now(dt.UTC)
    leap_day = dt.datetime(today.year + 4 - today.year % 4, 2, 29, 23, 59, 59, tzinfo=dt.UTC)
    jumps = [_DAY, -_DAY, -3600.0, 3600.0, leap_day.timestamp() - time.time()]
    async with one_node(tmp_path, clock=clock.path) as crowd:
        await crowd.come(4, crowd.home.url)
        async with crowd.talking(dice, every=0.005):
            for jump in jumps:
                with jumped(clock, jump):
                    await crowd.more(40)
                await crowd.more(40)
        await crowd.verdict()
        # Nobody was taken for silent, however late it seemed to be.
        assert [chatter.connections for chatter in crowd.chatters] == [1] * 4
        connection = apsw.Connection(str(crowd.home.database))
        shown = [at / 1000 - time.time() for (at,) in connection.execute("SELECT at FROM event ORDER BY seq")]
        connection.close()
        assert max(shown) > jumps[-1] - 60
        assert min(shown) < -_DAY
        assert shown != sorted(shown)
