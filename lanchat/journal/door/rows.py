"""What the database keeps of the doors of rooms: rules, who was let in at this node, and passphrases."""

from collections.abc import Iterable
from typing import NamedTuple

import apsw
import msgspec

from lanchat.errors import NoSuchRoom
from lanchat.protocol import Event, encode

MOST_GRAVES = 10_000
"""Most rooms of which it is remembered that they were deleted for everybody."""
_event = msgspec.json.Decoder(Event)


class Grave(NamedTuple):
    """A room that was deleted for everybody: the word of its owner, and by what it is known whose room it was."""

    event: Event
    owner: str
    salt: str


class DoorRecord(NamedTuple):
    """What is kept of one room's door.

    Attributes:
        key: what its passphrase was made into; empty when this node does not know it.
        passes: ids of the people and nodes that were let in.
        barred: pairs of an address and the id of the person who was banned with it.
    """

    key: bytes
    passes: set[str]
    barred: set[tuple[str, str]]


def keep_rules(connection: apsw.Connection, room: str, events: Iterable[Event]) -> None:
    """Keep rules of a room beside its history; those that are known are passed over."""
    connection.executemany(
        "INSERT OR IGNORE INTO rule VALUES (?, ?, ?)", [(room, event.seq, encode(event).decode()) for event in events]
    )


def rules(connection: apsw.Connection, room: str, after: int, limit: int) -> list[Event]:
    """Return at most `limit` rules of a room above the seq `after`, ascending; a negative limit bounds nothing."""
    rows = connection.execute(
        "SELECT event FROM rule WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?", (room, after, limit)
    )
    return [_event.decode(text) for (text,) in rows]


def words(connection: apsw.Connection, room: str) -> list[Event]:
    """Return the rules of a room that were said in other ones, ascending."""
    rows = connection.execute(
        "SELECT event FROM rule WHERE room = ? AND json_extract(event, '$.body.origin') IS NOT NULL ORDER BY seq",
        (room,),
    )
    return [_event.decode(text) for (text,) in rows]


def record(connection: apsw.Connection, room: str) -> DoorRecord:
    """Return what is kept of a room's door."""
    key = connection.execute("SELECT key FROM passkey WHERE room = ?", (room,)).get or b""
    passes = {holder for (holder,) in connection.execute("SELECT holder FROM pass WHERE room = ?", (room,))}
    barred = {
        (address, person)
        for address, person in connection.execute("SELECT address, person FROM barred WHERE room = ?", (room,))
    }
    return DoorRecord(key, passes, barred)


def put_key(connection: apsw.Connection, room: str, key: bytes) -> None:
    """Remember what a room's passphrase was made into; empty forgets it. Raises NoSuchRoom."""
    if key:
        _check_room(connection, room)
        connection.execute("INSERT OR REPLACE INTO passkey VALUES (?, ?)", (room, key))
    else:
        connection.execute("DELETE FROM passkey WHERE room = ?", (room,))


def put_pass(connection: apsw.Connection, room: str, holder: str) -> None:
    """Remember that somebody was let in. Raises NoSuchRoom."""
    _check_room(connection, room)
    connection.execute("INSERT OR IGNORE INTO pass VALUES (?, ?)", (room, holder))


def drop_pass(connection: apsw.Connection, room: str, holder: str) -> None:
    """Forget that somebody was let in; everybody when `holder` is empty."""
    connection.execute("DELETE FROM pass WHERE room = ? AND ? IN ('', holder)", (room, holder))


def bar(connection: apsw.Connection, room: str, address: str, person: str) -> None:
    """Remember that an address is banned with a person. Raises NoSuchRoom."""
    _check_room(connection, room)
    connection.execute("INSERT OR IGNORE INTO barred VALUES (?, ?, ?)", (room, address, person))


def unbar(connection: apsw.Connection, room: str, person: str) -> None:
    """Forget the addresses that were banned with a person."""
    connection.execute("DELETE FROM barred WHERE room = ? AND person = ?", (room, person))


def bury(connection: apsw.Connection, event: Event) -> None:
    """Remember that the owner of a room has deleted it for everybody, by the event that says so.

    Of very many the oldest are forgotten. Nothing is done when the room is gone.
    """
    connection.execute(
        "INSERT OR REPLACE INTO grave SELECT id, owner, salt, ?, ? FROM room WHERE id = ?",
        (encode(event).decode(), event.at, event.room),
    )
    connection.execute(
        "DELETE FROM grave WHERE room IN (SELECT room FROM grave ORDER BY at DESC LIMIT -1 OFFSET ?)", (MOST_GRAVES,)
    )


def graves(connection: apsw.Connection) -> set[str]:
    """Return the ids of the rooms that were deleted for everybody."""
    return {room for (room,) in connection.execute("SELECT room FROM grave")}


def grave(connection: apsw.Connection, room: str) -> Grave | None:
    """Return who deleted a room for everybody; None when nobody did."""
    found = connection.execute("SELECT event, owner, salt FROM grave WHERE room = ?", (room,)).fetchone()
    return None if found is None else Grave(_event.decode(found[0]), found[1], found[2])


def put_name(connection: apsw.Connection, room: str, name: str) -> None:
    """Call a room by another name."""
    connection.execute("UPDATE room SET name = ? WHERE id = ?", (name, room))


def _check_room(connection: apsw.Connection, room: str) -> None:
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM room WHERE id = ?)", (room,)).get:
        raise NoSuchRoom
