"""How long a post takes to be kept and told, at a steady pace, beside one durable commit at the same pace."""

import selectors
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from tests.bench import guests
from tests.bench.crowd import Member
from tests.bench.product import product
from tests.bench.programs import Program
from tests.bench.rows import BenchFailed

RATE = 200
"""Posts a second, of all clients together."""
CLIENTS = 10
POSTS = 2_400
"""In one turn: the index of words follows a node that is never quiet after 2,000, so its work is in each turn."""
_RUN = 100
"""Posts, and then bare commits, in turn: half a second, so that the node is not quiet long enough to do other work."""
_PATIENCE = 30.0


def echoes(turns: int, posts: int = POSTS) -> Iterator[tuple[list[float], list[float]]]:
    """For each turn, seconds from each post to its author's own event, and of each bare commit at the same pace."""
    with product() as program, _bare() as commit:
        clients = [_client(program, number) for number in range(CLIENTS)]
        _speak(clients, _RUN)
        for _ in range(turns):
            told: list[float] = []
            alone: list[float] = []
            while len(told) < posts:
                told += _speak(clients, min(_RUN, posts - len(told)))
                alone += [_timed(commit) for _ in _paced(min(_RUN, posts - len(alone)))]
            yield told, alone
        for member, _ in clients:
            member.socket.close()


def _client(program: Program, number: int) -> tuple[Member, str]:
    port = program.ready["port"]
    room = guests.open_room(port, f"{program.ready['room']} {number}")
    member = Member(port, guests.PATH)
    guests.join(room, member)
    return member, room


def _speak(clients: list[tuple[Member, str]], posts: int) -> list[float]:
    """Let the clients post in turn, each in its own room, whether the posts before have come back or not."""
    taken: list[float] = []
    waiting: dict[Member, deque[float]] = {member: deque() for member, _ in clients}
    with selectors.DefaultSelector() as selector:
        for member, _ in clients:
            selector.register(member.socket, selectors.EVENT_READ, member)

        def listen(until: float) -> None:
            for key, _ in selector.select(max(0.0, until - time.perf_counter())):
                told, now = key.data.read(), time.perf_counter()
                taken.extend(now - waiting[key.data].popleft() for _ in range(told))

        for number in _paced(posts, listen):
            member, room = clients[number % len(clients)]
            frame = guests.post(room, member.got + len(waiting[member]))
            waiting[member].append(time.perf_counter())
            member.send(frame)
        patience = time.perf_counter() + _PATIENCE
        while len(taken) < posts:
            listen(patience)
            if time.perf_counter() > patience:
                raise BenchFailed(f"{posts - len(taken)} posts were not told within {_PATIENCE} s.")
    return taken


def _paced(count: int, meanwhile: Callable[[float], object] | None = None) -> Iterator[int]:
    """Return the numbers below `count`, RATE of them a second; `meanwhile` is called until the next is due."""
    began = time.perf_counter()
    with selectors.DefaultSelector() as nothing:
        for number in range(count):
            due = began + number / RATE
            while (left := due - time.perf_counter()) > 0:
                if meanwhile is None:
                    nothing.select(left)
                else:
                    meanwhile(due)
            yield number


@contextmanager
def _bare() -> Iterator[Callable[[], object]]:
    """Return what keeps one text in SQLite alone, with the settings of the journal, on the same kind of disk."""
    with tempfile.TemporaryDirectory() as directory:
        connection = apsw.Connection(str(Path(directory, "bare.db")))
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT)")
        yield lambda: connection.execute("INSERT INTO event (body) VALUES (?)", ("x" * 128,))
        connection.close()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
