"""What waits for the homes of mirrors: drafts that a person said already and no home has numbered."""

from typing import Any

import apsw

from lanchat.errors import NoSuchRoom
from lanchat.journal import keys, reading
from lanchat.journal.records import Draft, Kept
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author

_DRAFT = "nonce, author_id, author_nick, body, kind, signature, voucher"


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
        f"INSERT OR IGNORE INTO outbox (room, {_DRAFT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            draft.room,
            draft.nonce,
            draft.author.id,
            draft.author.nick,
            reading.text_of(draft.body),
            draft.kind,
            draft.signature,
            draft.voucher,
        ),
    )
    return None


def dequeue(connection: apsw.Connection, room: str, nonce: str) -> Draft | None:
    """Take a draft out of the outbox, and return it; None when it is not there."""
    row = connection.execute(
        f"DELETE FROM outbox WHERE room = ? AND nonce = ? RETURNING {_DRAFT}",
        (room, nonce),
    ).fetchone()
    return None if row is None else _draft(room, row)


def waiting(connection: apsw.Connection, room: str, place: int) -> list[tuple[int, Draft]]:
    """Return what waits for a room's home behind `place`, in the order in which it was said, each with its place."""
    rows = connection.execute(
        f"SELECT place, {_DRAFT} FROM outbox WHERE room = ? AND place > ? ORDER BY place",
        (room, place),
    )
    return [(row[0], _draft(room, row[1:])) for row in rows]


def _draft(room: str, row: tuple[Any, ...]) -> Draft:
    nonce, author_id, author_nick, body, kind, signature, voucher = row
    author = Author(id=author_id, nick=author_nick)
    return Draft(room, nonce, author, reading.body_of(body), kind, signature, voucher)
