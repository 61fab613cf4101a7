"""Redis killed, emptied and replaced, and a node killed, while people talk: when all have everything again."""

import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from tests.bench import journey
from tests.bench.rows import BenchFailed, Part, Row, plain
from tests.recovery.crowd import CATCH_UP, Crowd
from tests.recovery.test_shared import SAFE, ends_well, redis_server, three_nodes
from tests.support.conditions import eventually
from tests.support.faults import lasting
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.redis.watched import Watched

BACK, FILLED, ELSEWHERE = 5, 10, 5
"""Seconds within which all have everything once Redis is back, Redis is full again, guests are at another node."""
_FEW = (3, 2, 1, 5)
_MANY = (20, 10, 10, 20)


def parts(name: str, *, quick: bool) -> list[Part]:
    """Return what does each so often, and gives the longest time that it took.

    Each raises BenchFailed: something that was acknowledged was lost, doubled or moved, or all is not well in a minute.

    Args:
        name: of the bench.
        quick: less often.
    """
    kills, floods, failovers, tabs = _FEW if quick else _MANY
    what, node = "3 nodes, 50 posts/s: ", f"the node of {tabs} guests in Chromium is killed"

    def longest(does: str, work: Callable[[], Coroutine[Any, Any, list[float]]], most: float) -> Part:
        return f"{what}{does}", lambda: [plain(name, f"{what}{does}", [max(_timed(work))], "s", most=most)]

    def tabs_go() -> list[Row]:
        took = _timed(lambda: _node_killed(tabs))
        return [
            plain(name, f"{node}: a tab is at another, in the middle", [statistics.median(took)], "s"),
            plain(name, f"{node}: the last tab is at another", [max(took)], "s", most=ELSEWHERE),
        ]

    return [
        longest(f"Redis killed {kills} times: all have everything once it is back", lambda: _killed(kills), BACK),
        longest(f"Redis emptied {floods} times: it is full again", lambda: _emptied(floods), FILLED),
        longest(f"Sentinel fails over {failovers} times: all have everything", lambda: _failed_over(failovers), BACK),
        (node, tabs_go),
    ]


@contextlib.contextmanager
def failing() -> Iterator[None]:
    """Let what is wrong in the block be the reason why a part of the bench failed. Raises BenchFailed."""
    try:
        yield
    except AssertionError as error:
        raise BenchFailed(str(error)) from error


def _timed(work: Callable[[], Coroutine[Any, Any, list[float]]]) -> list[float]:
    with failing():
        return asyncio.run(work())


@contextlib.asynccontextmanager
async def _talking(folder: Path, url: str) -> AsyncIterator[Crowd]:
    """People who talk at three nodes during the block; what became of what they said is looked at behind it."""
    async with three_nodes(folder, url) as crowd:
        async with crowd.talking(random.Random(1), every=0.02):
            yield crowd
        await ends_well(crowd)


async def _killed(times: int) -> list[float]:
    spans = []
    with _folder() as folder, redis_server(folder / "redis", *SAFE) as redis:
        async with _talking(folder, redis.url) as crowd:
            for _ in range(times):
                await crowd.more(20)
                await in_thread(redis.stop)
                await lasting(0.5)
                await in_thread(redis.start)
                spans.append(await _level(crowd))
    return spans


async def _emptied(times: int) -> list[float]:
    spans = []
    with _folder() as folder, redis_server(folder / "redis", *SAFE) as redis:
        async with _talking(folder, redis.url) as crowd:
            for _ in range(times):
                await crowd.more(20)
                top = _top(redis, crowd)
                begun = time.monotonic()
                await in_thread(redis.ask, "FLUSHALL")
                await eventually(lambda: _top(redis, crowd) >= top, CATCH_UP, "Redis is full again")  # noqa: B023
                spans.append(time.monotonic() - begun)
    return spans


async def _failed_over(times: int) -> list[float]:
    spans = []
    with _folder() as folder:
        watched = Watched(folder, *SAFE)
        try:
            await in_thread(watched.start)
            async with _talking(folder, watched.url) as crowd:
                for _ in range(times):
                    await crowd.more(20)
                    await in_thread(watched.master.stop)
                    await eventually(watched.has_failed_over, CATCH_UP, "the replica is master")
                    spans.append(await _level(crowd))
                    watched.change_places()
                    await in_thread(watched.replica.start)
                    await eventually(watched.is_followed, CATCH_UP, "the former master follows")
        finally:
            watched.stop()
    return spans


async def _node_killed(tabs: int) -> list[float]:
    with _folder() as folder, redis_server(folder / "redis", *SAFE) as redis:
        async with three_nodes(folder, redis.url) as crowd, journey.chromium() as browser:
            gone = crowd.home
            pages = [await journey.come(browser, gone, number, others=2) for number in range(tabs)]
            killed = time.time()
            gone.kill()
            took = [await journey.arrived(page, gone, killed) for page in pages]
            await journey.see_everything_once(crowd, pages)
    return took


async def _level(crowd: Crowd) -> float:
    """Return the seconds until all that was said so far is acknowledged, and everybody has all of it."""
    begun = time.monotonic()
    said = {nonce for chatter in crowd.chatters for nonce in chatter.outbox}
    await eventually(
        lambda: not any(said & chatter.outbox.keys() for chatter in crowd.chatters), CATCH_UP, "all is said"
    )
    top = max(chatter.cursor.seq for chatter in crowd.chatters)
    await eventually(lambda: all(chatter.cursor.seq >= top for chatter in crowd.chatters), CATCH_UP, f"all at {top}")
    return time.monotonic() - begun


def _top(redis: RedisServer, crowd: Crowd) -> int:
    """Return how many entries of the room Redis has."""
    return int(redis.ask("XLEN", f"lanchat:{{{crowd.room}}}:stream"))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as place:
        yield Path(place)
