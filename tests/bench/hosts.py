"""Several nodes on one Redis: how long a post takes to another node, and what one Redis numbers and keeps."""

import asyncio
import contextlib
import functools
import math
import random
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lanchat.journal import Draft, RoomRecord
from lanchat.lan.shared.durability import Durability
from lanchat.lan.shared.outbox import MOST
from lanchat.lan.shared.stream import RoomStream, Ways
from lanchat.layers.redis.connection import Pipeline, servers_of
from lanchat.protocol import Author, Body, guest_id
from lanchat.rooms import succession
from tests.bench import hosts_faults
from tests.bench.peers import several
from tests.bench.rows import BenchFailed, Part, Row, each_by_itself, plain
from tests.recovery.crowd import CATCH_UP, Crowd
from tests.recovery.node import Node, starting
from tests.support.checker import Entry, History
from tests.support.conditions import eventually
from tests.support.faults import lasting
from tests.support.redis.servers import RedisServer

NAME = "hosts"
NODES = 4
PACE = 200
"""Posts a second of all people together."""
_ALWAYS = ("appendonly yes", "appendfsync always")
_EVERY_SECOND = ("appendonly yes", "appendfsync everysec")
_ROOMS = 8
_EVE = Author(id=guest_id("eve"), nick="Eve")


class TimedHistory(History):
    """Notes besides how long each post took to everybody but its author.

    Attributes:
        delays: seconds from saying something to seeing it at another node.
    """

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._said: dict[str, tuple[str, float]] = {}

    def invoke(self, author: str, nonce: str) -> None:
        super().invoke(author, nonce)
        self._said[nonce] = author, time.monotonic()

    def see(self, reader: str, entry: Entry) -> None:
        super().see(reader, entry)
        author, at = self._said[entry.nonce]
        if reader != author:
            self.delays.append(time.monotonic() - at)


def measure(*, quick: bool = False) -> list[Row]:
    """Let people at four nodes talk, then give a Redis as much as it takes; then let something go wrong.

    Each is measured by itself: what fails takes nothing from the others.
    """
    pace = f"{NODES} nodes, {PACE} posts/s"
    parts: list[Part] = [(pace, lambda: _delays(pace, 600 if quick else 6_000))]
    for settings, synced, least in ((_EVERY_SECOND, "once a second", 20_000), (_ALWAYS, "always", 5_000)):
        what = f"batches of {MOST}, synced {synced}"
        parts.append((what, functools.partial(_floods, what, settings, 20_000 if quick else 200_000, least)))
    parts += hosts_faults.parts(NAME, quick=quick)
    parts += several.parts(NAME, quick=quick)
    return list(each_by_itself(NAME, parts))


def _delays(what: str, posts: int) -> list[Row]:
    delays = asyncio.run(_talk(posts))
    middle, highest = (1000 * _highest(delays, part) for part in (0.5, 0.99))
    return [
        plain(NAME, f"{what}: to another node, in the middle", [middle], "ms"),
        plain(NAME, f"{what}: to another node, 99 of 100", [highest], "ms", most=25),
    ]


def _floods(what: str, settings: tuple[str, ...], posts: int, least: int) -> list[Row]:
    walls, cores = zip(*(asyncio.run(_flood(settings, posts)) for _ in range(3)), strict=True)
    return [
        plain(NAME, f"{what}: one client program", walls, "posts/s"),
        plain(NAME, f"{what}: one core of Redis", cores, "posts/s", least=least),
    ]


@contextlib.contextmanager
def _redis(folder: Path, settings: tuple[str, ...]) -> Iterator[RedisServer]:
    server = RedisServer(folder, *settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def _talk(posts: int) -> list[float]:
    """Return how long each of so many posts took to each of the other nodes."""
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as place, contextlib.ExitStack() as stack:
        folder = Path(place)
        redis = stack.enter_context(_redis(folder / "redis", _ALWAYS))
        nodes = [Node(folder / f"node{number}", f"node{number}", redis=redis.url) for number in range(NODES)]
        room = RoomRecord(id=secrets.token_hex(16), name="room", home=succession.SHARED)
        for node in nodes:
            await node.settle(room)
            stack.enter_context(starting(node))
        for node in nodes:
            await node.ready()
        crowd = Crowd(room.id, *nodes)
        crowd.history = history = TimedHistory()
        try:
            for node in nodes:
                await crowd.come(1, node.url)
            await _say(crowd, 50)
            history.delays.clear()
            await _say(crowd, posts)
            with hosts_faults.failing():
                await crowd.verdict()
            return history.delays
        finally:
            await crowd.leave()


async def _say(crowd: Crowd, posts: int) -> None:
    """Say so many things at an even pace, whether those before have come back or not."""
    dice, begun = random.Random(1), time.monotonic()
    for number in range(posts):
        await lasting(max(0.0, begun + number / PACE - time.monotonic()))
        dice.choice(crowd.chatters).say("x" * 128)
    await eventually(lambda: not any(chatter.outbox for chatter in crowd.chatters), CATCH_UP, "all is said")


async def _flood(settings: tuple[str, ...], posts: int) -> tuple[float, float]:
    """Return posts a second of the clock, and of the time that Redis computed."""
    with (
        tempfile.TemporaryDirectory(prefix="lanchat-bench-") as place,
        _redis(Path(place) / "redis", settings) as redis,
    ):
        pipelines = [Pipeline(servers_of([("127.0.0.1", redis.port)], 30)[0]) for _ in range(_ROOMS)]
        streams = [
            RoomStream(Ways(pipeline, pipeline), "bench", secrets.token_hex(16), Durability(certain=True))
            for pipeline in pipelines
        ]
        for stream in streams:
            await stream.found()
        before, begun = _computed(redis), time.monotonic()
        await asyncio.gather(*(_fill(stream, posts // _ROOMS) for stream in streams))
        took, computed = time.monotonic() - begun, _computed(redis) - before
        kept = [(await stream.view(0, 1)).kept for stream in streams]
        for pipeline in pipelines:
            await pipeline.close()
    if sum(kept) != posts // _ROOMS * _ROOMS:
        raise BenchFailed(f"Of {posts} posts {sum(kept)} are kept.")
    return sum(kept) / took, sum(kept) / computed


async def _fill(stream: RoomStream, posts: int) -> None:
    for first in range(0, posts, MOST):
        drafts = [
            Draft(stream.room, f"nonce {number}", _EVE, Body(text="x" * 128), signature="s" * 86)
            for number in range(first, min(posts, first + MOST))
        ]
        await stream.post(1, 0, drafts)


def _computed(redis: RedisServer) -> float:
    used = redis.ask("INFO", "cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def _highest(values: list[float], part: float) -> float:
    """Return the value that this part of them does not exceed."""
    return sorted(values)[math.ceil(part * len(values)) - 1]
