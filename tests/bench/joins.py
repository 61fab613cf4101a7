"""How long two branches of a room take to become one when their people meet again, and who waits for that."""

import asyncio
import contextlib
import itertools
import math
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import apsw

from lanchat import client, runtime
from lanchat.lan.connection import Connection
from lanchat.protocol import Continue, Done, Event, Join, Joined, Open, Opened, Post
from tests.bench.rows import BenchFailed, Row, plain
from tests.recovery.crowd import CATCH_UP, Crowd
from tests.recovery.node import Node
from tests.recovery.test_takeover import five_nodes
from tests.support.conditions import eventually
from tests.support.faults import lasting

NAME = "joins"
EACH = 10_000
_IN_FLIGHT = 200
_EVERY = 0.05
"""Seconds between two posts in another room of the node that is brought everything."""
_BEFORE = 100
"""Posts in that room before the branches meet."""
_LONGEST = 240.0


def measure(*, quick: bool = False) -> list[Row]:
    """Let three nodes part, say so much on either side, and see when all have everything in one order."""
    return asyncio.run(_measure(1_000 if quick else EACH))


async def _measure(each: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as folder:
        async with five_nodes(Path(folder), ("ann", "bob", "cleo"), limited=True) as crowd:
            return await _join(crowd, each)


async def _join(crowd: Crowd, each: int) -> list[Row]:
    ann, bob, cleo = crowd.nodes
    bob.kill()
    await _say(ann, crowd.room, "ann", each)
    ann.kill()
    cleo.kill()
    bob.again()
    await bob.ready()
    async with _window(bob) as window:
        await window.ask(Continue(room=crowd.room), Done)
    await _say(bob, crowd.room, "bob", each)
    delays: list[float] = []
    talking = asyncio.create_task(_talk_elsewhere(bob, delays))
    try:
        await eventually(lambda: len(delays) >= _BEFORE, CATCH_UP, "somebody talks in another room")
        quiet, begun = len(delays), time.monotonic()
        for node in (ann, cleo):
            node.again()
        await eventually(lambda: _same(crowd, 2 * each), _LONGEST, "all have everything")
        took = time.monotonic() - begun
    finally:
        talking.cancel()
        await asyncio.wait({talking})
    before, meanwhile = (_highest(some) * 1_000 for some in (delays[:quiet], delays[quiet:]))
    what = f"two branches of {each:,} posts, three nodes: until all have the same"
    beside = "a post in another room of the home, 95 of 100"
    return [
        plain(NAME, what, [took], "s", most=30),
        plain(NAME, f"{beside}, before that", [before], "ms"),
        plain(NAME, f"{beside}, meanwhile", [meanwhile], "ms"),
    ]


@contextlib.asynccontextmanager
async def _window(node: Node) -> AsyncIterator[Connection]:
    running = runtime.read(node.data_dir)
    if running is None:
        raise BenchFailed(f"{node.info.name} does not run.")
    async with client.at_window(running) as connection:
        yield connection


async def _say(node: Node, room: str, who: str, count: int) -> None:
    """Say so many things as the person of a node, some of them at once, and wait until each is acknowledged."""
    async with _window(node) as window:
        await window.ask(Join(room=room), Joined)
        waiting, numbers = set[str](), iter(range(count))
        while True:
            for number in itertools.islice(numbers, _IN_FLIGHT - len(waiting)):
                nonce = secrets.token_hex(8)
                waiting.add(nonce)
                await window.send(Post(room=room, nonce=nonce, text=f"{who} says {number}"))
            if not waiting:
                return
            reply = await anext(window)
            if isinstance(reply, Event):
                waiting.discard(reply.nonce)


async def _talk_elsewhere(node: Node, delays: list[float]) -> None:
    """Say something in another room of a node now and then, and note how long each takes until it is acknowledged."""
    async with _window(node) as window:
        room = (await window.ask(Open(name="beside"), Opened)).room.id
        await window.ask(Join(room=room), Joined)
        while True:
            begun = time.perf_counter()
            await window.say(Post(room=room, nonce=secrets.token_hex(8), text="beside"))
            delays.append(time.perf_counter() - begun)
            await lasting(_EVERY)


def _same(crowd: Crowd, count: int) -> bool:
    """Return whether the journals of all nodes have the same in the room, and so many events."""
    if any(_count(node, crowd.room) < count for node in crowd.nodes):
        return False
    first, *others = [
        [(entry.seq, entry.nonce) for entry in node.journal().entries if entry.room == crowd.room]
        for node in crowd.nodes
    ]
    return all(other == first for other in others)


def _count(node: Node, room: str) -> int:
    with contextlib.closing(apsw.Connection(str(node.database), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        connection.set_busy_timeout(5_000)
        return int(connection.execute("SELECT count(*) FROM event WHERE room = ?", (room,)).get)


def _highest(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
