"""What nodes and rooms cost the Redis that they share, counted; docs/scale.md reckons what a hundred nodes would.

Nodes run in this process, because only what Redis does is looked at: commands, bytes and the time that it computed,
which hardly depend on what else the machine has to do.
"""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.bench.rows import Row, plain
from tests.support.clients import Client, guest
from tests.support.conditions import eventually
from tests.support.faults import lasting
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, shared_room

NAME = "scale"
NODES = (1, 2, 4, 8)
ROOMS = (1, 9)
"""With and without eight rooms more, in which nobody is."""


class Spent(NamedTuple):
    """What a Redis has done since it was started.

    Attributes:
        commands: those that it carried out.
        computed: seconds that it computed.
        sent: bytes that it sent.
    """

    commands: float
    computed: float
    sent: float

    @classmethod
    def of(cls, redis: RedisServer) -> "Spent":
        """Ask a Redis."""
        stats, used = redis.ask("INFO", "stats"), redis.ask("INFO", "cpu")
        computed = float(used["used_cpu_user"]) + float(used["used_cpu_sys"])
        return cls(stats["total_commands_processed"], computed, stats["total_net_output_bytes"])

    def since(self, before: "Spent", parts: float) -> "Spent":
        """Return what was done since then, divided by so many parts."""
        return Spent(*((now - then) / parts for now, then in zip(self, before, strict=True)))


def measure(*, quick: bool = False) -> list[Row]:
    """Let more and more nodes rest and talk at one Redis."""
    rest, posts = (4.0, 50) if quick else (20.0, 500)
    rows = []
    for nodes in NODES[: 3 if quick else None]:
        for rooms in ROOMS:
            idle, post = asyncio.run(_at(nodes, rooms, rest, posts if rooms == ROOMS[0] else 0))
            where = f"{nodes} nodes, {rooms} rooms"
            rows.append(plain(NAME, f"{where}: at rest", [idle.commands], "commands/s"))
            rows.append(plain(NAME, f"{where}: at rest, of one core of Redis", [100 * idle.computed], "%"))
            if post is not None:
                rows.append(plain(NAME, f"{where}: a post alone", [post.commands], "commands"))
                rows.append(plain(NAME, f"{where}: a post alone, Redis computes", [1e6 * post.computed], "µs"))
                rows.append(plain(NAME, f"{where}: a post alone, Redis sends", [post.sent], "bytes"))
    return rows


async def _at(nodes: int, rooms: int, rest: float, posts: int) -> tuple[Spent, Spent | None]:
    """Return what so many nodes cost a second while nobody says anything, and what each of so many posts costs more."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-bench-")))
        redis = RedisServer(folder / "redis", "appendonly yes", "appendfsync everysec")
        redis.start()
        stack.callback(redis.stop)
        servers = await stack.enter_async_context(company(folder, redis, *(f"n{number}" for number in range(nodes))))
        here: list[Room] = []
        for number in range(rooms):
            here = await shared_room(servers, f"Room {number}")
        idle = await _rested(redis, rest)
        if not posts:
            return idle, None
        somebody = await stack.enter_async_context(guest(servers[0], "Eve"))
        await somebody.join(here[0].id)
        await _rested(redis, 1)
        before, began = Spent.of(redis), time.monotonic()
        await _talked(somebody, servers, here[0].id, posts)
        took = time.monotonic() - began
        all_of_it = Spent.of(redis).since(before, 1)
        return idle, Spent(*((whole - took * each) / posts for whole, each in zip(all_of_it, idle, strict=True)))


async def _rested(redis: RedisServer, seconds: float) -> Spent:
    before, began = Spent.of(redis), time.monotonic()
    await lasting(seconds)
    return Spent.of(redis).since(before, time.monotonic() - began)


async def _talked(somebody: Client, servers: list[Server], room: str, posts: int) -> None:
    """Say one thing after the other, each once every node has the one before."""
    begun = servers[0].node.rooms.get(room).top
    for number in range(1, posts + 1):
        await somebody.say(room, "x" * 128, nonce=f"n{number}")
        await eventually(lambda: all(server.node.rooms.get(room).top >= begun + number for server in servers))  # noqa: B023
