"""A database with much in it, and ways to damage it."""

import random
from contextlib import closing
from pathlib import Path

import apsw

from lanchat.journal import numbering, reading, rooms
from lanchat.journal.migrations import STEPS
from lanchat.journal.schema import atomic, open_writer
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event
from tests.support.journal.sayings import about, everything, named
from tests.support.rooms.said import HERE, THERE, draft, event, record

PAGE = 4_096


def furnish(database: Path, said: int = 400) -> dict[str, list[Event]]:
    """Make a database with a room of this node, and a mirror; give what is in them."""
    with closing(open_writer(database)) as connection:
        with atomic(connection):
            rooms.put_setting(connection, "node", HERE.id)
            rooms.put_setting(connection, "owner", "ada")
            transaction = Transaction(connection)
            rooms.put_room(transaction, record("home", name="Kitchen"))
            rooms.put_room(transaction, record("copy", name="Garden", home=THERE))
            for number in range(1, said + 1):
                text = f"say {number}. " + "x" * (number % 7 * 100)
                numbering.append(transaction, draft(text, room="home", nonce=named(number, "home")))
            numbering.append(transaction, draft("long " * 4_000, room="home"))
            numbering.append(transaction, about(3, "edit", "edited", room="home"))
            numbering.mirror(transaction, "copy", [event(seq, f"copy {seq}.", room="copy") for seq in range(1, said)])
        return {room: everything(connection, room) for room in ("home", "copy")}


def furnish_first(database: Path, said: int = 400) -> None:
    """Make a database as the first Lanchat left it: a room of this node, and a mirror with something that waits."""
    with closing(apsw.Connection(str(database))) as connection:
        connection.pragma("journal_mode", "wal")
        with atomic(connection):
            STEPS[0](connection)
            connection.pragma("user_version", 1)
            connection.execute("INSERT INTO setting VALUES ('node', 'here'), ('owner', 'ada')")
            connection.execute("INSERT INTO room VALUES ('home', 'Kitchen', 'here', 'This node', 3, 0, '')")
            connection.execute("INSERT INTO room VALUES ('copy', 'Garden', 'there', 'There', 1, 1, '192.0.2.1:28280')")
            connection.executemany(
                "INSERT INTO event"
                " VALUES (?, ?, ?, ? || ' ' || ?2, 'a1', 'Ada', ?2, 'message', json_object('text', ?))",
                [
                    (room, seq, term, room, f"{word} {seq}. " + "x" * (seq % 7 * 100))
                    for room, term, word in (("home", 3, "say"), ("copy", 1, "copy"))
                    for seq in range(1, said + 1)
                ],
            )
            connection.execute("INSERT INTO outbox VALUES (4, 'copy', 'waits', 'a1', 'Ada', '{\"text\":\"waits\"}')")


def overwrite(database: Path, holding: bytes, content: bytes | None = None) -> None:
    """Write nonsense over the page in which something stands."""
    data = bytearray(database.read_bytes())
    start = data.index(holding) // PAGE * PAGE
    data[start : start + PAGE] = content or bytes(random.Random(7).randbytes(PAGE))
    database.write_bytes(data)


def cut(database: Path, part: float) -> None:
    """Leave only the beginning of a file."""
    data = database.read_bytes()
    database.write_bytes(data[: int(len(data) * part)])


def contents(connection: apsw.Connection) -> dict[str, list[Event]]:
    """Return what is in each room, by the room's name."""
    return {room.name: reading.after(connection, room.id, 0, 100_000) for room in rooms.rooms(connection)}
