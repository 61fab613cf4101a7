"""What waits for the homes of mirrors: drafts that a person said already and no home has numbered."""

from collections.abc import Sequence
from typing import Any

import apsw

from lanchat.errors import NoSuchRoom
from lanchat.journal import keys, reading
from lanchat.journal.records import Draft, Kept
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author, Event

_DRAFT = "nonce, author_id, author_nick, body, kind, signature, voucher, at"
_PUT = f"INSERT OR IGNORE INTO outbox (place, room, {_DRAFT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FIRST = -(2**62)
"""A place before all others."""
ALL = -1
"""In place of a number: everything that waits."""


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
    transaction.connection.execute(_PUT, _row(None, draft))
    return None


def put_first(transaction: Transaction, room: str, events: Sequence[Event]) -> None:
    """Put events that were numbered among some people only before everything that waits, in their order."""
    lowest = transaction.connection.execute("SELECT coalesce(min(place), 0) FROM outbox").get
    for place, event in enumerate(events, int(lowest) - len(events)):
        transaction.connection.execute("DELETE FROM outbox WHERE room = ? AND nonce = ?", (room, event.nonce))
        transaction.connection.execute(_PUT, _row(place, Draft.again(event)))


def dequeue(connection: apsw.Connection, room: str, nonce: str) -> Draft | None:
    """Take a draft out of the outbox, and return it; None when it is not there."""
    row = connection.execute(
        f"DELETE FROM outbox WHERE room = ? AND nonce = ? RETURNING {_DRAFT}",
        (room, nonce),
    ).fetchone()
    return None if row is None else _draft(room, row)


def waiting(connection: apsw.Connection, room: str, place: int, most: int = ALL) -> list[tuple[int, Draft]]:
    """Return what waits for a room's home behind `place`, in the order in which it was said, each with its place."""
    rows = connection.execute(
        f"SELECT place, {_DRAFT} FROM outbox WHERE room = ? AND place > ? ORDER BY place LIMIT ?",
        (room, place, most),
    )
    return [(row[0], _draft(room, row[1:])) for row in rows]


def count(connection: apsw.Connection) -> int:
    """Return how many drafts wait, in all rooms."""
    ((number,),) = connection.execute("SELECT count(*) FROM outbox")
    return int(number)


def _row(place: int | None, draft: Draft) -> tuple[Any, ...]:
    author, body = draft.author, reading.text_of(draft.body)
    said = (draft.room, draft.nonce, author.id, author.nick, body, draft.kind, draft.signature, draft.voucher, draft.at)
    return (place, *said)


def _draft(room: str, row: tuple[Any, ...]) -> Draft:
    nonce, author_id, author_nick, body, kind, signature, voucher, at = row
    author = Author(id=author_id, nick=author_nick)
    return Draft(room, nonce, author, reading.body_of(body), kind, signature, voucher, at)
