"""The rooms that the database keeps, and what the node remembers about itself."""

import apsw

from lanchat.errors import NoSuchRoom
from lanchat.journal import keys, reading
from lanchat.journal.records import RoomRecord
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from lanchat.protocol import NodeInfo

SWEPT = 500
"""Most events that one transaction removes."""
_ERASING = "erasing"
_MOVE_WAITING = """
INSERT OR IGNORE INTO outbox (room, nonce, author_id, author_nick, body, kind, at)
    SELECT ?, nonce, author_id, author_nick, body, kind, at FROM outbox WHERE room = ? ORDER BY place
"""
_OF_OTHERS = "SELECT EXISTS (SELECT 1 FROM outbox WHERE room = ? AND json_extract(body, '$.origin') IS NOT NULL)"


def rooms(connection: apsw.Connection) -> list[RoomRecord]:
    """Return all rooms, oldest first."""
    rows = connection.execute(
        "SELECT id, name, home_id, home_name, term, addresses, owner, salt FROM room ORDER BY number"
    )
    return [
        RoomRecord(room, name, NodeInfo(id=home, name=home_name), term, tuple(addresses.split()), *whose)
        for room, name, home, home_name, term, addresses, *whose in rows
    ]


def put_room(transaction: Transaction, room: RoomRecord) -> None:
    """Add a room, or change what is kept of it."""
    transaction.put(room.id)
    transaction.connection.execute(
        "INSERT INTO room (id, name, home_id, home_name, term, addresses, owner, salt)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET home_name = excluded.home_name, term = excluded.term,"
        " addresses = excluded.addresses, owner = excluded.owner, salt = excluded.salt",
        (
            room.id,
            room.name,
            room.home.id,
            room.home.name,
            room.term,
            " ".join(room.addresses),
            room.owner,
            room.salt,
        ),
    )


def rehome_room(transaction: Transaction, room: RoomRecord) -> None:
    """Keep that a room has another home, and that home's term. Raises NoSuchRoom."""
    connection = transaction.connection
    connection.execute(
        "UPDATE room SET home_id = ?, home_name = ?, term = ?, addresses = ? WHERE id = ?",
        (room.home.id, room.home.name, room.term, " ".join(room.addresses), room.id),
    )
    if not connection.changes():
        raise NoSuchRoom
    transaction.put(room.id)


def adopt(transaction: Transaction, former: str, node: NodeInfo) -> None:
    """Make a node the home of every room whose home the node of the id `former` was, in the next term."""
    connection = transaction.connection
    for room in [room.id for room in rooms(connection) if room.home.id == former]:
        connection.execute(
            "UPDATE room SET home_id = ?, home_name = ?, term = term + 1 WHERE id = ?", (node.id, node.name, room)
        )
        connection.execute("DELETE FROM ledger WHERE room = ?", (room,))
        transaction.put(room)


def delete_room(transaction: Transaction, room: str) -> None:
    """Forget a room. What was said in it cannot be read any more; `sweep` and `erase` remove it."""
    transaction.connection.execute("DELETE FROM room WHERE id = ?", (room,))
    put_setting(transaction.connection, _ERASING, "begin")
    transaction.forget(room)


def renew_room(transaction: Transaction, room: RoomRecord) -> None:
    """Forget what was said in a room, but neither the room nor what waits for its home.

    What waits names its messages by their nonces: the home's new history has them, or the home refuses it.
    """
    connection = transaction.connection
    connection.pragma("defer_foreign_keys", True)  # the outbox is without its room for two statements
    connection.execute("UPDATE room SET id = id || '~' WHERE id = ?", (room.id,))
    for table in ("rule", "ledger"):
        connection.execute(f"DELETE FROM {table} WHERE room = ?", (room.id,))
    connection.execute("UPDATE membership SET read = 0, view = 0 WHERE room = ?", (room.id,))
    put_room(transaction, room)
    delete_room(transaction, room.id + "~")
    transaction.forget(room.id)


def sweep(transaction: Transaction) -> bool:
    """Remove at most SWEPT events of forgotten rooms; False when none was left.

    A large room goes in small pieces, so that nobody waits for it who says something meanwhile.
    """
    connection = transaction.connection
    known = {number for (number,) in connection.execute("SELECT number FROM room")}
    first = connection.execute("SELECT key FROM entry ORDER BY key LIMIT 1").get
    while first is not None and first >> 40 in known:
        end = (first >> 40) + 1 << 40
        first = connection.execute("SELECT key FROM entry WHERE key >= ? ORDER BY key LIMIT 1", (end,)).get
    if first is None:
        return False
    last = min(first + SWEPT - 1, first | keys.HIGHEST)
    transaction.remove(first, last)
    return True


def erase(transaction: Transaction) -> bool:
    """Take the words of forgotten rooms out of the index's pages, a piece at a time; False when none is left.

    An index only marks what is deleted, and keeps it until its pieces are joined. What was begun and not `erased` goes
    on at the next start.
    """
    connection = transaction.connection
    state = settings(connection).get(_ERASING)
    if state is None:
        return False
    put_setting(connection, _ERASING, "joining")
    return index.join(connection, begin=state == "begin")


def erasing(transaction: Transaction) -> bool:
    """Return whether something of a forgotten room may be left."""
    return _ERASING in settings(transaction.connection)


def erased(transaction: Transaction) -> None:
    """Note that nothing of a forgotten room is left."""
    transaction.connection.execute("DELETE FROM setting WHERE key = ?", (_ERASING,))


def replace_room(transaction: Transaction, room: str, other: RoomRecord) -> bool:
    """Keep another room in place of one in which nothing was said; False, and nothing done, when something was.

    What waits for the one room's home waits for the other's from now on, behind what waits there already. A signature
    is about one room, so what leaves for the other is signed anew; where something waits that others said in a room
    which goes on as this one, this one stays.
    """
    connection = transaction.connection
    if reading.top(connection, room) or connection.execute(_OF_OTHERS, (room,)).get:
        return False
    put_room(transaction, other)
    connection.execute(_MOVE_WAITING, (other.id, room))
    connection.execute("UPDATE OR IGNORE membership SET room = ? WHERE room = ?", (other.id, room))
    delete_room(transaction, room)
    return True


def settings(connection: apsw.Connection) -> dict[str, str]:
    """Return everything that the node remembers about itself."""
    return dict(connection.execute("SELECT key, value FROM setting"))


def put_setting(connection: apsw.Connection, key: str, value: str) -> None:
    """Remember one value."""
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, value))
