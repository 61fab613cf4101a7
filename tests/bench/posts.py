"""How many posts a second the journal makes durable, when many people post at once."""

import selectors
import tempfile
import time
from pathlib import Path

import apsw

from tests.bench import guests
from tests.bench.crowd import Member
from tests.bench.product import product
from tests.bench.programs import Program
from tests.bench.rows import BenchFailed, Row, against, plain

NAME = "posts"
CLIENTS = 20
IN_FLIGHT = (1, 8, 32)
_ENOUGH = 10_000
_PATIENCE = 30.0


def measure(*, quick: bool = False) -> list[Row]:
    """Twenty clients, each in a room of its own, with so many posts of each unanswered."""
    rounds, count = (3, 100) if quick else (7, 200)
    ours: dict[int, list[float]] = {in_flight: [] for in_flight in IN_FLIGHT}
    theirs = []
    with product() as program:
        clients = [_Client(program, number) for number in range(CLIENTS)]
        for turn in range(-1, rounds):
            alone = _commits(count)
            rates = {in_flight: CLIENTS * count / _say(clients, count, in_flight) for in_flight in IN_FLIGHT}
            if turn >= 0:
                theirs.append(alone)
                for in_flight, rate in rates.items():
                    ours[in_flight].append(rate)
        for client in clients:
            client.member.socket.close()
    rows = []
    for in_flight, rates_of in ours.items():
        what = f"{CLIENTS} clients at once, {in_flight} in flight of each"
        rows += [
            against(NAME, what, rates_of, "durable posts/s", peer="SQLite, one post a commit", peers=theirs),
            plain(NAME, f"{what}: the figure alone", rates_of, "durable posts/s", least=_ENOUGH),
        ]
    return rows


class _Client:
    """One who posts, with a room of its own."""

    def __init__(self, program: Program, number: int) -> None:
        port = program.ready["port"]
        self._room = guests.open_room(port, f"{program.ready['room']} {number}")
        self.member = Member(port, guests.PATH)
        guests.join(self._room, self.member)
        self._frames: list[bytes] = []
        self._first = self._sent = 0

    def prepare(self, count: int) -> None:
        """Make the frames of the next posts, so that the clients cost little while it counts."""
        self._first, self._sent = self.member.got, 0
        self._frames = [guests.post(self._room, self._first + number) for number in range(count)]

    def go_on(self, in_flight: int) -> bool:
        """Send what may be in flight; False when everything came back."""
        got = self.member.got - self._first
        more = self._frames[self._sent : got + in_flight]
        if more:
            self.member.send(b"".join(more))
            self._sent += len(more)
        return got < len(self._frames)


def _say(clients: list[_Client], count: int, in_flight: int) -> float:
    for client in clients:
        client.prepare(count)
    busy = len(clients)
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.member.socket, selectors.EVENT_READ, client)
            client.go_on(in_flight)
        while busy:
            if time.perf_counter() - began > _PATIENCE:
                raise BenchFailed(f"Twenty clients did not get their posts within {_PATIENCE} s.")
            for key, _ in selector.select(1.0):
                if key.data.member.read() and not key.data.go_on(in_flight):
                    busy -= 1
    return time.perf_counter() - began


def _commits(count: int) -> float:
    """Durable commits a second of a bare SQLite, with the settings of the journal, on the same kind of disk."""
    with tempfile.TemporaryDirectory() as directory:
        connection = apsw.Connection(str(Path(directory, "bare.db")))
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.execute("CREATE TABLE event (room TEXT, seq INTEGER, body TEXT, PRIMARY KEY (room, seq))")
        began = time.perf_counter()
        for number in range(count):
            with connection:
                connection.execute("INSERT INTO event VALUES ('room', ?, ?)", (number, "x" * 128))
        taken = time.perf_counter() - began
        connection.close()
    return count / taken
