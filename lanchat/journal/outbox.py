"""What waits for the homes of mirrors: drafts that a person said already and no home has numbered."""

import apsw

from lanchat.errors import NoSuchRoom
from lanchat.journal import keys, reading
from lanchat.journal.records import Draft, Kept
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author


def enqueue(transaction: Transaction, draft: Draft) -> Kept | None:
    """Put a draft for another home into the outbox, once; when the home has numbered it already, give the event.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
    """
    if not keys.base(transaction.connection, draft.room):
        raise NoSuchRoom
    known = reading.find(transaction.connection, draft.room, draft.nonce)
    if known is not None:
        return Kept(known, fresh=False)
    transaction.connection.execute(
        "INSERT OR IGNORE INTO outbox (room, nonce, author_id, author_nick, body, kind) VALUES (?, ?, ?, ?, ?, ?)",
        (draft.room, draft.nonce, draft.author.id, draft.author.nick, reading.text_of(draft.body), draft.kind),
    )
    return None


def dequeue(connection: apsw.Connection, room: str, nonce: str) -> None:
    """Take a draft out of the outbox."""
    connection.execute("DELETE FROM outbox WHERE room = ? AND nonce = ?", (room, nonce))


def waiting(connection: apsw.Connection, room: str, place: int) -> list[tuple[int, Draft]]:
    """Return what waits for a room's home behind `place`, in the order in which it was said, each with its place."""
    rows = connection.execute(
        "SELECT place, nonce, author_id, author_nick, body, kind FROM outbox WHERE room = ? AND place > ?"
        " ORDER BY place",
        (room, place),
    )
    return [
        (row[0], Draft(room, row[1], Author(id=row[2], nick=row[3]), reading.body_of(row[4]), row[5])) for row in rows
    ]
