"""A room on five machines: whichever is its home is killed while people talk at all of them, and comes back."""

import contextlib
import json
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import apsw
import pytest

from lanchat.journal import RoomRecord
from tests.recovery.crowd import CATCH_UP, Crowd
from tests.recovery.node import Node, starting
from tests.support.conditions import eventually
from tests.support.faults import killed, lasting

NAMES = ("ann", "bob", "cleo", "dan", "eve")


@contextlib.asynccontextmanager
async def five_nodes(folder: Path, names: Sequence[str] = NAMES, *, limited: bool = False) -> AsyncIterator[Crowd]:
    """Five nodes of one room, or those of these names, all of which vote, and nobody in it yet."""
    nodes = [Node(folder / name, name, limited=limited) for name in names]
    room = RoomRecord(id=secrets.token_hex(16), name="room", home=nodes[0].info)
    away = RoomRecord(id=room.id, name="room", home=room.home, addresses=(f"127.0.0.1:{nodes[0].port}",))
    async with contextlib.AsyncExitStack() as stack:
        for node in nodes:
            await node.settle(room if node is nodes[0] else away)
            stack.enter_context(starting(node))
        for node in nodes:
            await node.ready()
        crowd = Crowd(room.id, *nodes)
        await eventually(lambda: all(len(voters(node)) == len(nodes) for node in nodes), CATCH_UP, "all of them vote")
        try:
            yield crowd
        finally:
            await crowd.leave()


def voters(node: Node) -> list[str]:
    """Return who votes, as the disk of a node has it; nobody while that changes."""
    with contextlib.closing(apsw.Connection(str(node.database), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        last = connection.execute("SELECT voters FROM turn WHERE voters != '' ORDER BY place DESC LIMIT 1").get
    electorate = json.loads(last or "{}")
    return [] if electorate.get("joint") else electorate.get("voters", [])


def home_of(crowd: Crowd) -> Node:
    """Return the node that most of them follow. Raises AssertionError: there is none."""
    homes = []
    for node in crowd.nodes:
        with contextlib.closing(apsw.Connection(str(node.database), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            homes.append(str(connection.execute("SELECT home_id FROM room WHERE id = ?", (crowd.room,)).get))
    followed = [node for node in crowd.nodes if homes.count(node.info.id) > len(homes) // 2]
    assert followed
    return followed[0]


@pytest.mark.parametrize("deaths", [pytest.param(2, id="short"), pytest.param(30, id="long", marks=pytest.mark.soak)])
async def test_whoever_is_home_is_killed_and_nothing_that_was_acknowledged_moves(
    tmp_path: Path, dice: random.Random, deaths: int
) -> None:
    """Two of them take a quarter of a minute: a voter waits two to three seconds before it stands."""
    async with five_nodes(tmp_path) as crowd:
        for node in crowd.nodes:
            await crowd.come(1, node.url)
        async with crowd.talking(dice, every=0.02):
            for _ in range(deaths):
                await crowd.more(20)
                home = await eventually(lambda: home_of(crowd), CATCH_UP, "one of them is home")
                with killed(home):
                    await lasting(0.5)
                    await crowd.more(20)  # without it
                await home.ready()
        verdict = await crowd.verdict()
        first, *others = [node.journal().entries for node in crowd.nodes]
        assert all(entries == first for entries in others)
        assert [entry.seq for entry in first] == list(range(1, len(first) + 1))
        print(f"{len(first)} events in one order; {len(verdict.recovered)} recovered")
