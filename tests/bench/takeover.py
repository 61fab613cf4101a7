"""How long nobody can say anything when the home of a room dies or ends, and what it costs that others vote as well."""

import asyncio
import contextlib
import math
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from tests.bench.rows import BenchFailed, Row, plain
from tests.recovery.crowd import CATCH_UP, Crowd, one_node
from tests.recovery.test_takeover import NAMES, five_nodes, home_of, voters
from tests.support.conditions import eventually
from tests.support.faults import lasting

NAME = "takeover"
PEOPLE = 20
EVERY = 1 / (10 * PEOPLE)
"""Seconds between two posts of all of them together: each says something ten times a second."""
_MANY = 100
"""Rounds from which on the figures are to be kept."""
_LOOK = 6.0
"""Seconds after an end in which the longest pause is looked for."""


def measure(*, quick: bool = False) -> list[Row]:
    """Kill the home again and again, then let it end well as often, and see when the next post is acknowledged."""
    return asyncio.run(_measure(3 if quick else 200))


async def _measure(rounds: int) -> list[Row]:
    return [*await _deaths(rounds), *await _cost(500 if rounds < _MANY else 10_000)]


async def _cost(posts: int) -> list[Row]:
    """Say so many things to a node alone and to a home with two other voters, and see when each is acknowledged."""
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as folder:
        async with one_node(Path(folder)) as crowd:
            alone = await _delays(crowd, posts)
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as folder:
        async with five_nodes(Path(folder), NAMES[:3]) as crowd:
            three = await _delays(crowd, posts)
    what = "200 posts a second: until one is acknowledged, 95 of 100"
    return [
        plain(NAME, f"{what}, by a node alone", [alone * 1_000], "ms"),
        plain(NAME, f"{what}, by a home with two other voters", [three * 1_000], "ms"),
        plain(NAME, "what two other voters cost", [(three - alone) * 1_000], "ms", most=8),
    ]


async def _delays(crowd: Crowd, posts: int) -> float:
    """Return how long it takes until something is acknowledged, 95 times of 100."""
    await crowd.come(PEOPLE, crowd.home.url)
    async with crowd.talking(random.Random(1), every=EVERY):
        await crowd.more(posts // 5)
        begun = [len(chatter.delays) for chatter in crowd.chatters]
        await crowd.more(posts)
    return _highest(
        [delay for chatter, n in zip(crowd.chatters, begun, strict=True) for delay in chatter.delays[n:]], 0.95
    )


async def _deaths(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as folder:
        async with five_nodes(Path(folder)) as crowd:
            for node in crowd.nodes:
                await crowd.come(PEOPLE // len(crowd.nodes), node.url)
            async with crowd.talking(random.Random(1), every=EVERY):
                dead = [await _without(crowd, well=False) for _ in range(rounds)]
                left = [await _without(crowd, well=True) for _ in range(rounds)]
            with contextlib.suppress(AssertionError):
                await crowd.verdict()
                what = f"{rounds} deaths of the home: until somebody is heard again"
                return [
                    plain(NAME, f"{what}, in the middle", dead, "s", most=3),
                    plain(NAME, f"{what}, 95 of 100", [_highest(dead, 0.95)], "s", most=3),
                    plain(NAME, f"{what}, the longest", [max(dead)], "s", most=6),
                    plain(NAME, f"{rounds} homes that end well: the longest pause, in the middle", left, "s", most=0.3),
                ]
    raise BenchFailed("Something that was acknowledged was lost, doubled or moved.")


async def _without(crowd: Crowd, *, well: bool) -> float:
    """Return the longest time without any acknowledged post around the end of the home, once all vote again."""
    home = await eventually(lambda: home_of(crowd), CATCH_UP, "one of them is home")
    await eventually(lambda: len(voters(home)) == len(crowd.nodes), CATCH_UP, "all of them vote")
    await crowd.more(PEOPLE)
    os.kill(home.pid, signal.SIGTERM if well else signal.SIGKILL)
    took = await _pause(crowd)
    home.ends()
    home.again()
    await home.ready()
    return took


async def _pause(crowd: Crowd) -> float:
    """Return the longest time without an acknowledged post from now on, for a while."""
    begun = last = now = time.monotonic()
    known, longest = crowd.acknowledged, 0.0
    while now - begun < _LOOK or now - last > _LOOK / 2:
        await lasting(0.005)
        now = time.monotonic()
        if crowd.acknowledged > known:
            known, longest, last = crowd.acknowledged, max(longest, now - last), now
    return longest


def _highest(values: list[float], part: float) -> float:
    """Return the value that this part of them does not exceed."""
    return sorted(values)[math.ceil(part * len(values)) - 1]
