"""One room on several servers that share a Redis: what a delivery costs all of them together, Redis included."""

import functools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.bench import guests
from tests.bench.crowd import Greet, Post
from tests.bench.fanout import UNIT
from tests.bench.guests import join, open_room, post
from tests.bench.peers.contest import FLIGHTS, Contest
from tests.bench.peers.environment import python
from tests.bench.peers.kinds import SOCKETIO_PATH, module_named, socketio_enter, socketio_say
from tests.bench.product import shared_product
from tests.bench.programs import Program, started
from tests.bench.rows import BenchFailed, Part, Row, against, failed, missing, plain
from tests.bench.sides import FLOOR, Door, Kind, line
from tests.support.redis.servers import RedisServer

SERVERS = 4
MEMBERS = 1_000
FEWER = 200
_SIZE = 128
FAST_CHANNELS = f"{SERVERS} × Fast Channels, Redis pub/sub"
SOCKETIO = f"{SERVERS} × python-socketio, its Redis manager"
ONE_FLOOR = f"one server, {FLOOR.what}, no Redis"
"""What everybody pays: one write of the kernel for each message and member, from one loop in Python."""
_MOST = {FAST_CHANNELS: 0.2, SOCKETIO: 0.5}
"""What a delivery of ours may cost, compared with theirs."""
_SCALES = 1.25
"""What a delivery may cost at several nodes, compared with one: 0.8 times as many deliveries a core that is added."""
_ROOM = "bench"


class Fleet:
    """Several servers and the Redis that they share, looked at as one.

    Args:
        programs: the servers.
        redis: what they share.
    """

    def __init__(self, programs: Sequence[Program], redis: RedisServer) -> None:
        self._programs = programs
        self._redis = redis

    @property
    def ports(self) -> Sequence[int]:
        """Where each of them listens on 127.0.0.1."""
        return [program.ready["port"] for program in self._programs]

    def cpu(self) -> float:
        """Seconds of CPU that they and their Redis have used."""
        used = self._redis.ask("INFO", "cpu")
        redis = float(used["used_cpu_user"]) + float(used["used_cpu_sys"])
        return redis + sum(program.cpu() for program in self._programs)

    def memory(self) -> int:
        """Bytes of memory that are resident and the servers' own, without Redis."""
        return sum(program.memory() for program in self._programs)

    def memory_at_rest(self) -> int:
        """Bytes of memory once each server's have stayed the same for a second."""
        return sum(program.memory_at_rest() for program in self._programs)


def parts(name: str, *, quick: bool) -> list[Part]:
    """Return what measures Lanchat beside its peers, and then on more and more nodes.

    Args:
        name: of the bench.
        quick: fewer members and runs.
    """
    members, rounds = (FEWER, 2) if quick else (MEMBERS, 7)

    def held(*kinds: Kind) -> Contest:
        contest = Contest(members, [_SIZE])
        contest.hold(kinds, rounds)
        return contest

    theirs = (Kind(FAST_CHANNELS, _fast_channels), Kind(SOCKETIO, _socketio), Kind(ONE_FLOOR, FLOOR.run))
    ours = [lanchat(nodes) for nodes in (1, 2, SERVERS)]
    return [
        (f"{members:,} members, beside others", lambda: beside_peers(name, held(ours[-1], *theirs))),
        (f"{members:,} members, on more nodes", lambda: on_more(name, held(*ours))),
    ]


def beside_peers(name: str, contest: Contest) -> Iterator[Row]:
    """Return the rows that set our servers against their peers, as far as each was measured."""
    ours = lanchat(SERVERS).what
    for in_flight in FLIGHTS:
        where = f"{contest.members:,} members, {in_flight} in flight: "
        yield from _alone(name, where, contest, in_flight, ours, *(_MOST if ours in contest.failed else ()))
        for peer, most in _MOST.items():
            yield from _against(name, where, contest, in_flight, ours, peer, most)
        yield from _against(name, where, contest, in_flight, ONE_FLOOR, FAST_CHANNELS, None)
    yield from _failures(name, contest, ours)


def on_more(name: str, contest: Contest) -> Iterator[Row]:
    """Return the rows that set several of our servers against one, as far as each was measured."""
    one, *more = (lanchat(nodes).what for nodes in (1, 2, SERVERS))
    for each in more:
        for in_flight in FLIGHTS:
            where = f"{contest.members:,} members, {in_flight} in flight: "
            if one in contest.failed:
                yield from _alone(name, where, contest, in_flight, each)
            yield from _against(name, where, contest, in_flight, each, one, _SCALES)
    yield from _failures(name, contest, one, *more)


def _alone(name: str, where: str, contest: Contest, in_flight: int, *whats: str) -> Iterator[Row]:
    for what in whats:
        if what not in contest.failed:
            yield plain(name, where + what, contest.costs[what, _SIZE, in_flight], UNIT)


def _against(  # noqa: PLR0917
    name: str, where: str, contest: Contest, in_flight: int, what: str, peer: str, most: float | None
) -> Iterator[Row]:
    if contest.failed.keys().isdisjoint({what, peer}):
        costs, peers = (contest.costs[each, _SIZE, in_flight] for each in (what, peer))
        yield against(name, where + what, costs, UNIT, peer=peer, peers=peers, most=most)


def _failures(name: str, contest: Contest, *ours: str) -> Iterator[Row]:
    """Say why who failed has no figures; that one of ours did is a target that was missed."""
    for what, why in contest.failed.items():
        where = f"{contest.members:,} members: {what}"
        yield failed(name, where, BenchFailed(why)) if what in ours else missing(name, where, why)


def lanchat(nodes: int) -> Kind:
    """Return so many nodes that share their rooms; what is said is kept, and synced before it is acknowledged."""
    return Kind(f"{nodes} × Lanchat", functools.partial(_nodes, nodes))


@contextmanager
def _nodes(nodes: int) -> Iterator[Door]:
    with _fleet(shared_product, nodes, "appendonly yes", "appendfsync always") as fleet:
        (room,) = {open_room(port, _ROOM, "mirror") for port in fleet.ports}
        yield Door(fleet, guests.PATH, functools.partial(post, room), functools.partial(join, room))


@contextmanager
def _fast_channels() -> Iterator[Door]:
    with _theirs("/", line, None, "fast_channels_room", "pubsub") as door:
        yield door


@contextmanager
def _socketio() -> Iterator[Door]:
    with _theirs(SOCKETIO_PATH, socketio_say, socketio_enter, "socketio_room") as door:
        yield door


@contextmanager
def _theirs(path: str, say: Post, greet: Greet | None, *command: str) -> Iterator[Door]:
    def run(_: Path, url: str) -> AbstractContextManager[Program]:
        return started(python(module_named(command[0]), *command[1:], url))

    with _fleet(run, SERVERS) as fleet:
        yield Door(fleet, path, say, greet)


@contextmanager
def _fleet(
    run: Callable[[Path, str], AbstractContextManager[Program]], servers: int, *settings: str
) -> Iterator[Fleet]:
    """Run a Redis with such settings, and servers that share it; each has a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as place, ExitStack() as stack:
        redis = RedisServer(Path(place, "redis"), *settings)
        stack.callback(redis.stop)
        redis.start()
        programs = [stack.enter_context(run(Path(place, f"server{number}"), redis.url)) for number in range(servers)]
        yield Fleet(programs, redis)
