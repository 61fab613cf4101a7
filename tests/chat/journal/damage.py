"""A database with much in it, and ways to damage it."""

import random
from contextlib import closing
from pathlib import Path

import apsw

from lanchat.chat.journal import numbering, reading, rooms
from lanchat.chat.journal.schema import atomic, open_writer
from lanchat.chat.journal.transaction import Transaction
from lanchat.chat.protocol import Event
from tests.chat.journal.sayings import about, everything
from tests.chat.said import ADA, HERE, THERE, draft, event, record

PAGE = 4_096


def furnish(database: Path, said: int = 400) -> dict[str, list[Event]]:
    """Make a database with a room of this node, and a mirror; give what is in them."""
    with closing(open_writer(database)) as connection:
        with atomic(connection):
            rooms.put_setting(connection, "node", HERE.id)
            rooms.put_setting(connection, "owner", "ada")
            rooms.put_room(connection, record("home", name="Kitchen"))
            rooms.put_room(connection, record("copy", name="Garden", home=THERE))
            transaction = Transaction(connection)
            for number in range(1, said + 1):
                numbering.append(transaction, draft(f"say {number}. " + "x" * (number % 7 * 100), room="home"))
            edited = about(3, "edit", "edited")
            numbering.append(transaction, draft("long " * 4_000, room="home"))
            numbering.append(transaction, type(edited)("home", "edit", ADA, edited.body, "edit"))
            numbering.mirror(transaction, "copy", [event(seq, f"copy {seq}.", room="copy") for seq in range(1, said)])
        return {room: everything(connection, room) for room in ("home", "copy")}


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
    """Give what is in each room, by the room's name."""
    return {room.name: reading.after(connection, room.id, 0, 100_000) for room in rooms.rooms(connection)}
