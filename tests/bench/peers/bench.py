"""Fan-out in one room beside other servers: what a delivery costs, how long it takes, what a connection weighs."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.bench.fanout import FLOOR_NAME, TARGETS, UNIT
from tests.bench.memory import BARE, BARE_NAME
from tests.bench.memory import TARGET as MEMORY_TARGET
from tests.bench.peers.contest import FLIGHTS, Contest
from tests.bench.peers.environment import require
from tests.bench.peers.kinds import FAST_CHANNELS, OWN_TUTORIAL, QUICK_PEERS, SLOW_PEERS, TUTORIAL
from tests.bench.rows import BenchFailed, Row, against, missing, plain
from tests.bench.sides import CLIENTS, FLOOR, LINES, Kind, side

NAME = "peers"
TARGET_MEMBERS = 300
TUTORIAL_TARGET = 12
"""Times less CPU than on Fast Channels: what the tutorial's consumer is to reach."""
SHORT, LONG = 128, 4_000
"""Bytes of a text; a post of Lanchat has at most 4,000 characters."""
_OWN = (CLIENTS, LINES)
_FAST = (FLOOR, *_OWN, *QUICK_PEERS)
_ALL = (*_FAST, OWN_TUTORIAL, *SLOW_PEERS)


def measure(*, quick: bool = False) -> list[Row]:
    """Measure rooms of 50, 300 and 1,000 members. Quick: the slow peers not with 1,000 nor with long texts."""
    require()
    rows: list[Row] = []
    for members in (50, TARGET_MEMBERS, 1_000):
        for sizes, kinds in _plan(members, quick=quick):
            contest = Contest(members, sizes)
            contest.hold(kinds, rounds=2 if quick else 7)
            rows += rows_of(contest)
            if members == TARGET_MEMBERS and SHORT in sizes:
                rows += _memory(contest)
    return rows


def _plan(members: int, *, quick: bool) -> Iterator[tuple[tuple[int, ...], tuple[Kind, ...]]]:
    """Return the contests of rooms of a size: bytes of the texts, and who takes part."""
    if not quick:
        yield (SHORT, LONG), _ALL
        return
    yield (SHORT,), _FAST if members > TARGET_MEMBERS else _ALL
    if members == TARGET_MEMBERS:
        yield (LONG,), _FAST


def rows_of(contest: Contest) -> Iterator[Row]:
    """Return the rows of one contest. Raises BenchFailed when it was not the peers that failed."""
    for kind in (FLOOR, *_OWN):
        if kind.what in contest.failed:
            raise BenchFailed(f"{kind.what}: {contest.failed[kind.what]}")
    able = [name for name, size, in_flight in contest.costs if (size, in_flight) == (contest.sizes[0], FLIGHTS[0])]
    able = [name for name in able if name not in contest.failed]
    for size in contest.sizes:
        for in_flight in FLIGHTS:
            yield from _costs(contest, able, size, in_flight)
        for name in able:
            yield from _delays(contest, name, size)
    for name, why in contest.failed.items():
        yield missing(NAME, f"{contest.members:,} members: {name}", why)


def _costs(contest: Contest, able: Sequence[str], size: int, in_flight: int) -> Iterator[Row]:
    def costs(name: str) -> list[float]:
        return contest.costs[name, size, in_flight]

    where = _where(contest, size, in_flight)
    is_goal = contest.members == TARGET_MEMBERS and size == SHORT
    floor = costs(FLOOR.what)
    yield plain(NAME, f"{where}: {FLOOR.what}", floor, UNIT)
    for name in able[1:]:
        most = TARGETS[in_flight] if is_goal and name == CLIENTS.what else None
        yield against(NAME, f"{where}: {name}", costs(name), UNIT, peer=FLOOR_NAME, peers=floor, most=most)
    peers = [name for name in able if name in {kind.what for kind in (*QUICK_PEERS, *SLOW_PEERS)}]
    if peers:
        best = min(peers, key=lambda name: statistics.median(costs(name)))
        most = 1.0 if is_goal and in_flight > 1 else None
        yield against(
            NAME, f"{where}: {CLIENTS.what}", costs(CLIENTS.what), UNIT, peer=f"{best}, the cheapest peer",
            peers=costs(best), most=most,
        )  # fmt: skip
    if {TUTORIAL, FAST_CHANNELS} <= set(able):
        least = TUTORIAL_TARGET if size == SHORT and contest.members <= TARGET_MEMBERS else None
        yield against(
            NAME, f"{where}: {FAST_CHANNELS}", costs(FAST_CHANNELS), UNIT, peer="the same on Lanchat",
            peers=costs(TUTORIAL), least=least,
        )  # fmt: skip


def _delays(contest: Contest, name: str, size: int) -> Iterator[Row]:
    taken = [delay * 1e3 for delay in contest.delays[name, size]]
    where = _where(contest, size, 1)
    slowest = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    yield plain(NAME, f"{where}, to the last receipt, median: {name}", taken, "ms")
    yield plain(NAME, f"{where}, to the last receipt, 95 of 100: {name}", [slowest], "ms")


def _memory(contest: Contest) -> Iterator[Row]:
    with ExitStack() as stack:
        bare = stack.enter_context(side(BARE, contest.members)).memory
    for name in contest.memory:
        most = MEMORY_TARGET if name == CLIENTS.what else None
        what = f"each of {contest.members} idle members: {name}"
        yield against(NAME, what, [contest.memory[name]], "kB", peer=BARE_NAME, peers=[bare], most=most)


def _where(contest: Contest, size: int, in_flight: int) -> str:
    return f"{contest.members:,} members, {size:,} bytes, {in_flight} in flight"
