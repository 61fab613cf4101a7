"""What of a room that goes on as another one waits for the home of that."""

import time
from collections.abc import Sequence

import msgspec

from lanchat.journal import keys, outbox, reading
from lanchat.journal.log import rows as ledgers
from lanchat.journal.records import Draft
from lanchat.journal.rooms import delete_room
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event

PIECE = 1_000
"""Events that are taken out of a history at once: so long others wait who say something meanwhile."""
_MOVE = """
INSERT OR IGNORE INTO outbox (room, nonce, author_id, author_nick, body, kind, signature, voucher, at)
    SELECT ?, nonce, author_id, author_nick,
        iif(json_extract(body, '$.origin') IS NULL, json_set(body, '$.origin', room), body),
        kind, signature, voucher, iif(at, at, ?)
    FROM outbox WHERE room = ? ORDER BY place
"""
_NOBODYS = """
SELECT EXISTS (SELECT 1 FROM entry
    WHERE key BETWEEN ? AND ? AND signature = '' AND voucher = '' AND author_id != ?)
"""


def is_provable(transaction: Transaction, room: str, person: str) -> bool:
    """Return whether everything in a room is signed, or can be by this node's person: nobody takes anything else."""
    base = keys.base(transaction.connection, room)
    return not transaction.connection.execute(_NOBODYS, (base + 1, base + keys.HIGHEST, person)).get


def begun(transaction: Transaction, room: str) -> int:
    """Return when the first thing was said in a room (milliseconds since 1970); 0 where that is not kept."""
    mark = reading.mark(transaction.connection, room, 1)
    return 0 if mark is None else mark.at


def announce(transaction: Transaction, room: str, words: Sequence[Event]) -> None:
    """Let the words by which other rooms go on as this one wait for its home, behind what waits there. NoSuchRoom."""
    for word in words:
        outbox.enqueue(transaction, _draft(word, room))


def pass_on(transaction: Transaction, room: str, heir: str, after: int) -> int:
    """Let what was said in a room above the seq `after` wait for the home of the one as which it goes on.

    At most PIECE events, in their order; those that the other room has already are passed over. A rule holds in the
    room in which it was said, so of rules only the words go along by which others go on as this one.

    Returns:
        The seq of the last of them; 0 when there was none.
    """
    events = reading.after(transaction.connection, room, after, PIECE)
    known = ledgers.known(transaction.connection, heir, [event.nonce for event in events])
    for event in events:
        if event.nonce not in known and (event.kind != "rule" or event.body.origin):
            outbox.enqueue(transaction, _draft(event, heir))
    return events[-1].seq if events else 0


def inherit(transaction: Transaction, room: str, heir: str) -> None:
    """Let what waits in a room wait in the one as which it goes on, have its people be there, and forget it."""
    connection = transaction.connection
    connection.execute(_MOVE, (heir, time.time_ns() // 1_000_000, room))
    connection.execute("UPDATE OR IGNORE membership SET room = ?, read = 0, view = 0 WHERE room = ?", (heir, room))
    delete_room(transaction, room)


def _draft(event: Event, room: str) -> Draft:
    """Return an event as it is said again in another room."""
    origin = event.body.origin or event.room
    body = msgspec.structs.replace(event.body, origin="" if origin == room else origin)
    return msgspec.structs.replace(Draft.again(event), room=room, body=body)
