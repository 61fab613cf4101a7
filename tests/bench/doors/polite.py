"""Those who go on beside whatever somebody hostile does: twenty members who post now and then."""

import selectors
import statistics
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bench import guests
from tests.bench.crowd import Member
from tests.bench.programs import Program
from tests.bench.rows import BenchFailed

POLITE = 20
TWICE = 2.0
"""Times what a polite post takes alone: what is to be reached."""
MOST_MEMORY = 60.0
"""Megabytes that somebody hostile adds: what is to be reached."""
_PACE = 10.0
_PATIENCE = 30.0


class Polite:
    """Members who post now and then, each from an address and in a room of their own.

    Attributes:
        rooms: ids of their rooms.
    """

    def __init__(self, program: Program) -> None:
        port = program.ready["port"]
        self._selector = selectors.DefaultSelector()
        self._members = [Member(port, guests.PATH, source=f"127.0.1.{number + 1}") for number in range(POLITE)]
        self.rooms: list[str] = []
        for number, member in enumerate(self._members):
            self.rooms.append(guests.open_room(port, f"polite {number}"))
            guests.join(self.rooms[-1], member)
            self._selector.register(member.socket, selectors.EVENT_READ, number)
        self._sent: list[deque[float]] = [deque() for _ in self._members]

    def post(self, seconds: float) -> list[float]:
        """Post at a pace; gives the milliseconds from each post to its author's own event."""
        took: list[float] = []
        began = time.perf_counter()
        number, whole = 0, int(seconds * _PACE * POLITE)
        while number < whole or any(self._sent):
            now = time.perf_counter()
            if now - began > seconds + _PATIENCE:
                raise BenchFailed(f"Polite posts were not back {_PATIENCE:.0f} s after they were sent.")
            while number < whole and now >= began + number / (_PACE * POLITE):
                self._say(number % POLITE)
                number += 1
            due = began + number / (_PACE * POLITE) if number < whole else now + 1
            for key, _ in self._selector.select(max(0.0, due - time.perf_counter())):
                came = self._members[key.data].read()
                now = time.perf_counter()
                took += [(now - self._sent[key.data].popleft()) * 1e3 for _ in range(came)]
        return took

    def close(self) -> None:
        """Hang up."""
        for member in self._members:
            member.socket.close()
        self._selector.close()

    def _say(self, who: int) -> None:
        member = self._members[who]
        self._sent[who].append(time.perf_counter())
        member.send(guests.post(self.rooms[who], member.got + len(self._sent[who]) - 1))


@contextmanager
def newcomer(port: int) -> Iterator[Member]:
    """Let a guest come, from an address of its own."""
    member = Member(port, guests.PATH, source="127.0.1.1")
    with member.socket:
        yield member


def at(values: Sequence[float], place: int) -> float:
    """Return the value that so many of a hundred do not exceed."""
    return statistics.quantiles(values, n=100)[place - 1]
