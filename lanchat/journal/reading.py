"""How events are read: runs of a room, single events, and what was said later about those of a run."""

import json
import sys
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, get_args

import apsw
import msgspec

from lanchat.errors import NoSuchMessage
from lanchat.journal import keys
from lanchat.protocol import Author, Body, Event, Kind, Mark, encode

MOST_LATER = 1_000
"""Most events that `later` reads when nobody says how many bytes it may give."""

_ENTRY = "key, term, nonce, author_id, author_nick, at, kind, body, signature, voucher, apart"
_LATER = """
SELECT key, term, nonce, author_id, author_nick, at, kind, body, '', '', apart FROM entry WHERE key IN (
    SELECT max(key) FROM entry WHERE target BETWEEN ? AND ? AND key > ?
    GROUP BY target, kind,
        iif(kind = 'reaction', author_id, ''), iif(kind = 'reaction', json_extract(body, '$.emoji'), ''))
ORDER BY CASE kind WHEN 'deletion' THEN 0 WHEN 'edit' THEN 1 ELSE 2 END, key DESC LIMIT ?
"""
_STANDS = """
kind = 'message' AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.target = said.key AND entry.kind = 'deletion')
"""
_SAID = "SELECT key, author_id, voucher FROM entry AS said WHERE key >> 40 = ? AND nonce = ?"
_NAMED = """
SELECT EXISTS (SELECT 1 FROM entry WHERE target IS NULL AND kind != 'message' AND key >> 40 = ?
    AND iif(json_valid(body), json_extract(body, '$.target'), '') = ?)
"""
ROW = 256
"""Bytes that an event takes beside what it says, about."""
_WEIGHT = f"""
{ROW} + iif(kind = 'rule', 2, 1) * (
    2 * octet_length(body) + 2 * octet_length(nonce) + octet_length(author_id) + octet_length(author_nick)
    + octet_length(signature) + octet_length(voucher))
"""
_body = msgspec.json.Decoder(Body)
_ALL = -1
_kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


def top(connection: apsw.Connection, room: str) -> int:
    """Return the highest seq of a room; 0 when nothing was said."""
    return _edge(connection, room, "DESC", 0)


def oldest(connection: apsw.Connection, room: str) -> int:
    """Return the lowest seq that is kept of a room; 1 when nothing was said."""
    return _edge(connection, room, "ASC", 1)


def size(connection: apsw.Connection, room: str) -> int:
    """Return the bytes that the events of a room take, as `weight` counts them. It reads all of them."""
    base = keys.base(connection, room)
    total = f"SELECT coalesce(sum({_WEIGHT}), 0) FROM entry WHERE key > ? AND key <= ?"
    return int(connection.execute(total, (base, base + keys.HIGHEST)).get)


def weight(event: Event) -> int:
    """Return the bytes that an event takes, about. What is in an index as well counts twice; a rule is kept twice."""
    author = len(event.author.id.encode()) + len(event.author.nick.encode())
    whole = 2 * len(msgspec.json.encode(event.body)) + 2 * len(event.nonce.encode()) + author
    whole += len(event.signature.encode()) + len(event.voucher.encode())
    return ROW + whole * (2 if event.kind == "rule" else 1)


def after(connection: apsw.Connection, room: str, seq: int, limit: int) -> list[Event]:
    """Return at most `limit` events above `seq`, ascending."""
    base = keys.base(connection, room)
    rows = connection.execute(
        f"SELECT {_ENTRY} FROM entry WHERE key > ? AND key <= ? ORDER BY key LIMIT ?",
        (base + min(seq, keys.HIGHEST), base + keys.HIGHEST, limit),
    )
    return [event_of(room, row) for row in rows]


def before(connection: apsw.Connection, room: str, seq: int, limit: int) -> list[Event]:
    """Return at most `limit` events just below `seq`, ascending."""
    base = keys.base(connection, room)
    rows = connection.execute(
        f"SELECT {_ENTRY} FROM entry WHERE key > ? AND key < ? ORDER BY key DESC LIMIT ?",
        (base, base + min(seq, keys.HIGHEST + 1), limit),
    )
    return [event_of(room, row) for row in rows][::-1]


def around(connection: apsw.Connection, room: str, nonce: str, limit: int) -> list[Event]:
    """Return at most `limit` events on both sides of the one of this nonce, itself among them, ascending.

    Where one side has too few, the other one gives more.

    Raises:
        NoSuchMessage: the room does not have it.
    """
    key = key_of(connection, keys.base(connection, room), nonce)
    if key is None:
        raise NoSuchMessage
    seq = key & keys.HIGHEST
    above = after(connection, room, seq - 1, limit)
    below = before(connection, room, seq, limit)
    upper = min(len(above), max(limit - limit // 2, limit - len(below)))
    return below[max(0, len(below) - limit + upper) :] + above[:upper]


class Later(NamedTuple):
    """What was said after a run about its messages: the events, ascending, and whether those are all of them."""

    events: list[Event]
    whole: bool


def later(connection: apsw.Connection, room: str, run: Sequence[Event]) -> list[Event]:
    """Return what was said after a dense run about the messages in it, ascending, at most MOST_LATER events.

    Of edits only the newest of each message, of reactions only the newest of each author and emoji, and of a message
    that was deleted only the deletion. They come without signatures: only people are told so.
    """
    return _later(connection, room, run, MOST_LATER, sys.maxsize).events


def later_within(connection: apsw.Connection, room: str, run: Sequence[Event], most: int) -> Later:
    """Return what `later` does, as far as it fits into so many bytes: deletions, edits, then the newest reactions."""
    return _later(connection, room, run, _ALL, most)


def find(connection: apsw.Connection, room: str, nonce: str) -> Event | None:
    """Return the event of a room that has this nonce."""
    number = keys.base(connection, room) >> 40
    row = connection.execute(
        f"SELECT {_ENTRY} FROM entry WHERE key >> 40 = ? AND nonce = ?", (number, nonce)
    ).fetchone()
    return event_of(room, row) if row else None


def rules(connection: apsw.Connection, room: str) -> list[Event]:
    """Return the rules of a room whose events are kept, ascending."""
    first = keys.base(connection, room)
    rows = connection.execute(
        f"SELECT {_ENTRY} FROM entry WHERE kind = 'rule' AND key BETWEEN ? AND ? ORDER BY key",
        (first, first | keys.HIGHEST),
    )
    return [event_of(room, row) for row in rows]


def key_of(connection: apsw.Connection, base: int, nonce: str) -> int | None:
    """Return the key of the event of this nonce in the room whose first event comes after the key `base`."""
    key: int | None = connection.execute(
        "SELECT key FROM entry WHERE key >> 40 = ? AND nonce = ?", (base >> 40, nonce)
    ).get
    return key


def was_named(connection: apsw.Connection, base: int, nonce: str) -> bool:
    """Return whether an edit, a reaction or a deletion of a room is about this nonce, which was not kept then."""
    found: bool = connection.execute(_NAMED, (base >> 40, nonce)).get
    return found


def mark(connection: apsw.Connection, room: str, seq: int) -> Mark | None:
    """Return by what the event at `seq` is known again; None when none is kept there."""
    if not 0 < seq <= keys.HIGHEST:
        return None
    key = keys.base(connection, room) + seq
    row = connection.execute("SELECT nonce, at FROM entry WHERE key = ?", (key,)).get
    return None if row is None else Mark(*row)


def term(connection: apsw.Connection, key: int) -> int:
    """Return the term of the event with this key; 0 when none is kept there."""
    found: int | None = connection.execute("SELECT term FROM entry WHERE key = ?", (key,)).get
    return found or 0


class Said(NamedTuple):
    """Where an event lies, and whose it is: its key, its author's id, and who vouches for them."""

    key: int
    author: str
    voucher: str


def said(connection: apsw.Connection, base: int, nonce: str) -> Said | None:
    """Return whose the event of this nonce is, in the room whose first event comes after the key `base`."""
    row: tuple[int, str, str] | None = connection.execute(_SAID, (base >> 40, nonce)).get
    return None if row is None else Said(*row)


def standing(connection: apsw.Connection, base: int, nonce: str) -> Said | None:
    """Return whose the message of this nonce is; None when there is none, or it was deleted."""
    row: tuple[int, str, str] | None = connection.execute(f"{_SAID} AND {_STANDS}", (base >> 40, nonce)).get
    return None if row is None else Said(*row)


def said_by(  # noqa: PLR0917
    connection: apsw.Connection, room: str, people: Collection[str], since: int, place: int, limit: int
) -> list[Event]:
    """Return at most `limit` messages of some people above seq `place`, not older than `since`, that still stand."""
    base = keys.base(connection, room)
    rows = connection.execute(
        f"SELECT {_ENTRY} FROM entry AS said WHERE key > ? AND key <= ? AND kind = 'message' AND at >= ?"
        f" AND author_id IN (SELECT value FROM json_each(?)) AND {_STANDS} ORDER BY key LIMIT ?",
        (base + place, base + keys.HIGHEST, since, json.dumps(list(people)), limit),
    )
    return [event_of(room, row) for row in rows]


def others_spoke(connection: apsw.Connection, room: str, people: Collection[str]) -> bool:
    """Return whether anybody but those people has said something in a room."""
    base = keys.base(connection, room)
    found: bool = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM entry WHERE key > ? AND key <= ?"
        " AND author_id NOT IN (SELECT value FROM json_each(?)))",
        (base, base + keys.HIGHEST, json.dumps(list(people))),
    ).get
    return bool(found)


def stands(connection: apsw.Connection, key: int) -> bool:
    """Return whether there is a message with this key that was not deleted."""
    found: bool = connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM entry AS said WHERE key = ? AND {_STANDS})", (key,)
    ).get
    return found


def event_of(room: str, row: tuple[Any, ...]) -> Event:
    """Return the event of a row of what `_ENTRY` names."""
    key, term, nonce, author_id, author_nick, at, kind, body, signature, voucher, apart = row
    return Event(
        room=room,
        seq=key & keys.HIGHEST,
        term=term,
        nonce=nonce,
        author=Author(id=author_id, nick=author_nick),
        at=at,
        kind=_kinds[kind],
        body=_body.decode(body),
        signature=signature,
        voucher=voucher,
        apart=bool(apart),
    )


def text_of(body: Body) -> str:
    """Return a body as the database keeps it."""
    return msgspec.json.encode(body).decode()


def body_of(text: str) -> Body:
    """Return the body that the database keeps as `text`."""
    return _body.decode(text)


def _edge(connection: apsw.Connection, room: str, order: str, nothing: int) -> int:
    base = keys.base(connection, room)
    key = connection.execute(
        f"SELECT key FROM entry WHERE key > ? AND key <= ? ORDER BY key {order} LIMIT 1", (base, base + keys.HIGHEST)
    ).get
    return nothing if key is None else key - base


def _later(connection: apsw.Connection, room: str, run: Sequence[Event], count: int, most: int) -> Later:
    if not run:
        return Later([], whole=True)
    base = keys.base(connection, room)
    first, last = base + run[0].seq, base + run[-1].seq
    on = {_reaction(event) for event in run if event.kind == "reaction"}
    deleted: set[str] = set()
    found: list[Event] = []
    size, whole = 0, True
    # Deletions come first, so that it is known of everything else whether it counts before it takes any space.
    for event in (event_of(room, row) for row in connection.execute(_LATER, (first, last, last, count))):
        if event.kind == "deletion":
            deleted.add(event.body.target)
        if _counts(event, deleted, on):
            size += len(encode(event)) + 1
            whole = size <= most
            if not whole:
                break
            found.append(event)
    return Later(sorted(found, key=lambda event: event.seq), whole)


def _reaction(event: Event) -> tuple[str, str, str]:
    return event.body.target, event.author.id, event.body.emoji


def _counts(event: Event, deleted: set[str], on: set[tuple[str, str, str]]) -> bool:
    if event.kind == "deletion":
        return True
    if event.body.target in deleted:
        return False
    return not event.body.off or _reaction(event) in on
