"""Several servers measured in turn. One that fails is left out from then on, and the reason is kept."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.bench.rows import BenchFailed
from tests.bench.sides import Kind, Side, side

_SPAN = 0.2
"""Seconds of one run, about."""
_MOST = 400
"""Messages of one run at most."""

FLIGHTS = (1, 8, 64)


class Contest:
    """Several servers with equally many members, all running at once.

    Args:
        members: members of each room.
        sizes: bytes of a text.

    Attributes:
        costs: microseconds of server CPU per delivery, a figure per run, by server, size of a text and in flight.
        delays: seconds from a message to its last receipt with one in flight, by server and size of a text.
        memory: kilobytes of each idle member, by server.
        failed: why a server has no figures.
    """

    def __init__(self, members: int, sizes: Sequence[int]) -> None:
        self.members = members
        self.sizes = sizes
        self.costs: dict[tuple[str, int, int], list[float]] = {}
        self.delays: dict[tuple[str, int], list[float]] = {}
        self.memory: dict[str, float] = {}
        self.failed: dict[str, str] = {}
        self._sides: dict[str, Side] = {}
        self._ends: dict[str, ExitStack] = {}

    def hold(self, kinds: Sequence[Kind], rounds: int) -> None:
        """Measure one server after the other, `rounds` times. Finding out how much to say warms them up."""
        with ExitStack() as stack:
            for kind in kinds:
                self._ends[kind.what] = stack.enter_context(ExitStack())
                with self._noting(kind.what):
                    one = self._ends[kind.what].enter_context(side(kind, self.members, self._idle))
                    self._sides[kind.what] = one
                    self.memory[kind.what] = one.memory
            counts: dict[tuple[str, int, int], int] = {}
            for _ in range(rounds):
                for size in self.sizes:
                    for in_flight in FLIGHTS:
                        for one in tuple(self._sides.values()):
                            with self._noting(one.what):
                                self._run(one, size, in_flight, counts)

    def _run(self, one: Side, size: int, in_flight: int, counts: dict[tuple[str, int, int], int]) -> None:
        what = one.what, size, in_flight
        if what not in counts:
            counts[what] = _how_many(one, size, in_flight)
        self.costs.setdefault(what, []).append(one.cost(counts[what], in_flight, size))
        if in_flight == 1:
            self.delays.setdefault((one.what, size), []).extend(one.crowd.delays(counts[what], size))

    def _idle(self) -> None:
        for one in tuple(self._sides.values()):
            with self._noting(one.what):
                one.crowd.idle()

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """End a server that fails, and go on without it."""
        try:
            yield
        except (BenchFailed, OSError, ValueError) as error:  # ValueError: it was ended while it was measured
            self.failed.setdefault(what, str(error) or type(error).__name__)
            self._sides.pop(what, None)
            self._ends[what].close()


def _how_many(one: Side, size: int, in_flight: int) -> int:
    """Say as much as may be in flight, and give how many messages fill one run."""
    fastest = min(one.crowd.delays(3, size)) if in_flight == 1 else _timed(one, size, in_flight)
    return max(in_flight, min(_MOST, int(_SPAN / fastest * in_flight)))


def _timed(one: Side, size: int, in_flight: int) -> float:
    began = time.perf_counter()
    one.crowd.speak(in_flight, in_flight, size)
    return time.perf_counter() - began
