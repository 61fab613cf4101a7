"""A room moves into Redis and out of it while one server of it takes over from another, and people talk at all."""

import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lanchat.config import HERE, redis_place
from lanchat.errors import CannotMove, JobError
from lanchat.journal import RoomRecord
from lanchat.rooms import succession
from tests.recovery.crowd import CATCH_UP, Crowd, one_at_each
from tests.recovery.node import Node
from tests.recovery.test_moving import CASTING, CATALOGUE, LEDGERS, MOVES, NAME, is_at, move, ready_to_move
from tests.recovery.test_shared import NAMES, SAFE, ends_well, redis_cluster
from tests.support.conditions import eventually
from tests.support.redis.servers import in_thread
from tests.support.redis.watched import Watched

IN = (
    f"{MOVES}.passage:Passage.bring/after",
    f"{CASTING}/before",
    f"{LEDGERS}.leave/after",
    f"{MOVES}.passage:Passage.begin/after",
    f"{CATALOGUE}.put/before",
)
OUT = (
    f"{MOVES}.departure:Departure.release/after",
    f"{CASTING}/before",
    f"{LEDGERS}.take/after",
    f"{MOVES}.departure:Departure.release/before",
    f"{MOVES}.departure:Departure.empty/before",
    f"{CATALOGUE}.drop/before",
)
Happens = Callable[[str], Awaitable[None]]
"""Has another server take over the keys of a room."""


@contextlib.asynccontextmanager
async def a_room_of_the_network(folder: Path, redis: str) -> AsyncIterator[Crowd]:
    """Three nodes of one Redis; a room with its home at the first, and somebody at each."""
    nodes = [Node(folder / name, name, redis=redis) for name in NAMES]
    home = nodes[0]
    home.may_halt_at = sorted({*IN, *OUT})
    room = succession.found(NAME, home.info, home.person)
    there = RoomRecord(
        room.id, NAME, home.info, owner=room.owner, salt=room.salt, addresses=(f"127.0.0.1:{home.port}",)
    )
    async with one_at_each(nodes, [room, there, there]) as crowd:
        yield crowd


async def moves(crowd: Crowd, to: str, step: str, happens: Happens) -> None:
    """Move the room while another server takes over, and again where that has ended the move."""
    home, room = crowd.home, crowd.room

    async def can_move() -> Any:
        return await ready_to_move(home, room)

    async def has_moved() -> Any:
        if not await is_at(home, room, to):
            with contextlib.suppress(JobError, CannotMove):
                await move(home, to)
        return await is_at(home, room, to)

    await eventually(can_move, CATCH_UP, "it can move")
    await crowd.more(20)
    async with home.held_up(step, move(home, to)) as moving:
        await happens(room)
    with contextlib.suppress(JobError, CannotMove):
        await moving
    await eventually(has_moved, CATCH_UP, f"the room is at {to}")
    await crowd.more(20)


async def there_and_back(crowd: Crowd, dice: random.Random, redis: str, times: int, happens: Happens) -> None:
    async with crowd.talking(dice, every=0.02):
        for number in range(times):
            await moves(crowd, redis_place(redis), IN[number % len(IN)], happens)
            await moves(crowd, HERE, OUT[number % len(OUT)], happens)
    await ends_well(crowd)
    print(f"acknowledged after at most {crowd.longest:.1f} s, of {crowd.acknowledged} posts")
    assert [chatter.connections for chatter in crowd.chatters] == [1, 1, 1], "somebody had to come again"


# A sentinel needs seconds for each; what such a replica may have missed is tried at once in the tests of placing.
@pytest.mark.soak
async def test_a_replica_takes_over_while_a_room_moves(tmp_path: Path, dice: random.Random) -> None:
    watched = Watched(tmp_path, *SAFE, patience=1_500)  # a machine that is busy is not to be taken for dead

    async def fails_over(_room: str) -> None:
        await eventually(watched.has_settled, CATCH_UP, "one follows the other")
        await in_thread(watched.master.stop)
        await eventually(watched.has_failed_over, CATCH_UP, "the replica is master")
        await in_thread(watched.master.start)

    try:
        await in_thread(watched.start)
        async with a_room_of_the_network(tmp_path, watched.url) as crowd:
            await there_and_back(crowd, dice, watched.url, 12, fails_over)
    finally:
        watched.stop()


# Three nodes start, and move a room there and back.
@pytest.mark.parametrize("times", [pytest.param(1, id="short"), pytest.param(30, id="long", marks=pytest.mark.soak)])
async def test_a_slot_is_passed_on_while_a_room_moves(tmp_path: Path, dice: random.Random, times: int) -> None:
    with redis_cluster(tmp_path / "redis") as cluster:

        async def passes_on(room: str) -> None:
            key = f"lanchat:{{{room}}}:head"
            await in_thread(cluster.pass_on, key, cluster.another(key))

        async with a_room_of_the_network(tmp_path, cluster.url) as crowd:
            await there_and_back(crowd, dice, cluster.url, times, passes_on)
