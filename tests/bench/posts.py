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
from tests.bench.rows import BenchFailed, Row, against

NAME = "posts"
CLIENTS = 20
_PATIENCE = 30.0


def measure(*, quick: bool = False) -> list[Row]:
    """Twenty clients, each in a room of its own, each waiting for its own post before the next."""
    rounds, count = (3, 50) if quick else (5, 150)
    ours, theirs = [], []
    with product() as program:
        clients = [_client(program, number) for number in range(CLIENTS)]
        for turn in range(-1, rounds):
            rate, alone = CLIENTS * count / _say(clients, count), _commits(count)
            if turn >= 0:
                ours.append(rate)
                theirs.append(alone)
        for member, _ in clients:
            member.socket.close()
    return [
        against(
            NAME, f"{CLIENTS} clients at once", ours, "durable posts/s", peer="SQLite, one post a commit", peers=theirs
        ),
    ]


def _client(program: Program, number: int) -> tuple[Member, str]:
    port = program.ready["port"]
    room = guests.open_room(port, f"{program.ready['room']} {number}")
    member = Member(port, guests.PATH)
    guests.join(room, member)
    return member, room


def _say(clients: list[tuple[Member, str]], count: int) -> float:
    began = time.perf_counter()
    end = clients[0][0].got + count
    with selectors.DefaultSelector() as selector:
        for member, room in clients:
            selector.register(member.socket, selectors.EVENT_READ, (member, room))
            member.send(guests.post(room, member.got))
        while any(member.got < end for member, _ in clients):
            if time.perf_counter() - began > _PATIENCE:
                raise BenchFailed(f"Twenty clients did not get their posts within {_PATIENCE} s.")
            for key, _ in selector.select(1.0):
                member, room = key.data
                if member.read() and member.got < end:
                    member.send(guests.post(room, member.got))
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
