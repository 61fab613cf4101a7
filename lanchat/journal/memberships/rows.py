"""The rows of memberships, and what is unread behind a place in a room."""

from collections.abc import Iterable
from typing import NamedTuple

import apsw
import msgspec

from lanchat.journal import keys, reading
from lanchat.protocol import Notices, is_guest_id

MOST_OF_GUESTS = 20_000
"""Most memberships of guests that are kept; those that changed longest ago go first."""
MOST_COUNTED = 10_000
"""Most events that are looked at to count what somebody has not read: the newest of the room."""

_FIELDS = "person, room, read, view, notices, favourite, place, at"
_PUT = f"""
INSERT INTO membership ({_FIELDS}) SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM room WHERE id = ?2)
    ON CONFLICT (person, room) DO UPDATE SET read = excluded.read, view = excluded.view, notices = excluded.notices,
    favourite = excluded.favourite, place = excluded.place, at = excluded.at
"""
_OF_GUEST = "substr(person, 1, 2) = 'g-'"
_UNREAD = """
SELECT key, author_id, at, iif(instr(body, '@') AND json_valid(body), json_extract(body, '$.text'), '')
FROM entry AS said WHERE key > ? AND key <= ? AND kind = 'message' AND author_id != ?
    AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.target = said.key AND entry.kind = 'deletion')
ORDER BY key
"""


class MembershipRecord(msgspec.Struct, frozen=True):
    """One person in one room, as it is kept.

    Attributes:
        person: their id.
        room: its id.
        read: the seq up to which they have read.
        view: seq of the message at which they were last; 0 at the end.
        notices: what of the room they are told of.
        favourite: whether it stands before the others.
        place: where it stands among the others, from 1 on; 0 when nobody put it anywhere.
        at: when this changed, in milliseconds since 1970.
    """

    person: str
    room: str
    read: int = 0
    view: int = 0
    notices: Notices = "all"
    favourite: bool = False
    place: int = 0
    at: int = 0


class Unread(NamedTuple):
    """A message that somebody has not read: its seq, its author's id, when it was said, and its text if it has `@`."""

    seq: int
    author: str
    at: int
    text: str


def of_person(connection: apsw.Connection, person: str) -> list[MembershipRecord]:
    """Return the memberships of somebody, in the order in which they were put, those that were put nowhere last."""
    rows = connection.execute(
        f"SELECT {_FIELDS} FROM membership WHERE person = ? ORDER BY place = 0, place, room", (person,)
    )
    return [_record(row) for row in rows]


def put(connection: apsw.Connection, records: Iterable[MembershipRecord]) -> None:
    """Keep memberships; those in rooms that are gone are passed over."""
    guests = False
    for record in records:
        connection.execute(_PUT, msgspec.structs.astuple(record))
        guests |= is_guest_id(record.person)
    if guests:
        _bound(connection)


def drop(connection: apsw.Connection, person: str, room: str) -> None:
    """Forget that somebody is in a room."""
    connection.execute("DELETE FROM membership WHERE person = ? AND room = ?", (person, room))


def unread(connection: apsw.Connection, room: str, person: str, read: int) -> tuple[int, list[Unread]]:
    """Return the top of a room, and the messages of others behind the seq `read` that stand in it.

    Of a long room only those among its MOST_COUNTED newest events.
    """
    base, top = keys.base(connection, room), reading.top(connection, room)
    first = base + max(min(read, keys.HIGHEST), top - MOST_COUNTED)
    rows = connection.execute(_UNREAD, (first, base + top, person))
    return top, [Unread(key & keys.HIGHEST, author, at, text or "") for key, author, at, text in rows]


def _record(row: tuple[object, ...]) -> MembershipRecord:
    fields = dict(zip(MembershipRecord.__struct_fields__, row, strict=True))
    return msgspec.convert({**fields, "favourite": bool(fields["favourite"])}, MembershipRecord)


def _bound(connection: apsw.Connection) -> None:
    """Forget the oldest memberships of guests beyond what is kept: whoever comes may make as many as they like."""
    count = connection.execute(f"SELECT count(*) FROM membership WHERE {_OF_GUEST}").get
    if count > MOST_OF_GUESTS:
        connection.execute(
            f"DELETE FROM membership WHERE (person, room) IN"
            f" (SELECT person, room FROM membership WHERE {_OF_GUEST} ORDER BY at LIMIT ?)",
            (count - MOST_OF_GUESTS + MOST_OF_GUESTS // 20,),
        )
