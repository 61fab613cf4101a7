"""What a journal costs that is busy, large, or behind: posts at a pace, a million events, and what a mirror missed."""

import asyncio
import itertools
import statistics
from collections.abc import Sequence

from lanchat.protocol import History, Join, Joined, Open, Opened, Page
from tests.bench.journal_client import visiting
from tests.bench.journal_missed import catch_up
from tests.bench.journal_pace import POSTS, RATE, echoes
from tests.bench.journal_past import Past, past
from tests.bench.journal_reading import SHOWN, join, search_behind, searches
from tests.bench.product import product
from tests.bench.programs import Program, running
from tests.bench.rows import Row, against, plain

NAME = "journal"
EVENTS, MISSED, ROOMS, BEHIND = 1_000_000, 10_000, 200, 1_000
ECHO, JOIN, SEARCH, CAUGHT_UP, MEMORY = 4.0, 30.0, 50.0, 2.0, 1.5
"""What is to be reached: times a bare commit, milliseconds twice, seconds, times an empty node."""
_EACH = 100
"""Events in each of the rooms beside the large one."""


def measure(*, quick: bool = False, events: int = EVENTS, missed: int = MISSED, posts: int = POSTS) -> list[Row]:
    """Measure a node whose clients post steadily, then one with a long past, then a mirror that was away."""
    turns = 2 if quick else 5
    rows = _pace(turns, posts)
    with past(events, ROOMS - 1, _EACH) as made:  # the node opens one more
        rows += _memory(made, turns) + asyncio.run(_reading(made, turns))
    return rows + _missed(missed, turns)


def percentile(values: Sequence[float], of_hundred: int) -> float:
    """Return the value that so many of a hundred are at most."""
    return statistics.quantiles(values, n=100, method="inclusive")[of_hundred - 1]


def _pace(turns: int, posts: int) -> list[Row]:
    told, alone = zip(*echoes(turns, posts), strict=True)
    slow, median = ([percentile(one, share) * 1e3 for one in told] for share in (99, 50))
    slow_alone, median_alone = ([percentile(one, share) * 1e3 for one in alone] for share in (99, 50))
    what, bare = f"{RATE} posts/s, to one's own event", "a durable commit of SQLite alone"
    return [
        plain(NAME, f"{bare}, {RATE}/s: median", median_alone, "ms"),
        plain(NAME, f"{bare}, {RATE}/s: 99 of 100", slow_alone, "ms"),
        against(NAME, f"{what}: median", median, "ms", peer=f"{bare}, median", peers=median_alone),
        against(NAME, f"{what}: 99 of 100", slow, "ms", peer=f"{bare}, 99 of 100", peers=slow_alone, most=ECHO),
        against(NAME, f"{what}: 99 of 100", slow, "ms", peer=f"{bare}, median", peers=median_alone),
    ]


def _memory(made: Past, turns: int) -> list[Row]:
    large, empty = [], []
    for _ in range(turns):
        with running("tests.bench.product", str(made.data_dir)) as program:
            large.append(asyncio.run(_visited(program, made.rooms[0])) / 1e6)
        with product() as program:
            empty.append(asyncio.run(_visited(program)) / 1e6)
    what = f"a node with {ROOMS} rooms and {made.events:,} events, one of them visited"
    return [against(NAME, what, large, "MB", peer="an empty node", peers=empty, most=MEMORY)]


async def _visited(program: Program, room: str = "") -> int:
    """Enter a room of a node, the one that it opened itself when none is given, and read a page; gives its memory."""
    async with visiting(program.ready["port"]) as connection:
        room = room or (await connection.ask(Open(name=program.ready["room"]), Opened)).room.id
        top = (await connection.ask(Join(room=room), Joined)).top
        await connection.ask(History(room=room, before=max(1, top // 2)), Page)
        return program.memory()


async def _reading(made: Past, turns: int) -> list[Row]:
    room, size = made.rooms[0], f"{made.top:,} events"
    with running("tests.bench.product", str(made.data_dir)) as program:
        async with visiting(program.ready["port"]) as connection:
            first = await join(connection, room)
            joins = [await join(connection, room) for _ in range(50 * turns)]
            await connection.ask(Join(room=room), Joined)
            found = await searches(connection, room, turns)
            behind = [await search_behind(connection, room, BEHIND, turn) for turn in range(turns)]
    enter, look = f"entering a room of {size}, {SHOWN} shown", f"searching {size}"
    everything = list(itertools.chain(*found.values()))
    return [
        plain(NAME, f"{enter}: first time", [first * 1e3], "ms"),
        plain(NAME, f"{enter}: median", [statistics.median(joins) * 1e3], "ms"),
        plain(NAME, f"{enter}: 99 of 100", [percentile(joins, 99) * 1e3], "ms", most=JOIN),
        plain(NAME, f"{look}: median", [statistics.median(everything) * 1e3], "ms"),
        plain(NAME, f"{look}: 95 of 100", [percentile(everything, 95) * 1e3], "ms", most=SEARCH),
        *(
            plain(NAME, f"{look}, {kind}: 95 of 100", [percentile(taken, 95) * 1e3], "ms")
            for kind, taken in sorted(found.items())
        ),
        plain(NAME, f"{look}, just after {BEHIND:,} more", [one * 1e3 for one in behind], "ms"),
    ]


def _missed(events: int, turns: int) -> list[Row]:
    figures = [asyncio.run(catch_up(events)) for _ in range(turns)]
    since_listening, since_start = ([figure[place] for figure in figures] for place in (0, 1))
    what = f"a mirror has {events:,} events that it has missed"
    return [
        plain(NAME, f"{what}: since it listens again", since_listening, "s", most=CAUGHT_UP),
        plain(NAME, f"{what}: since its process was started", since_start, "s"),
    ]
