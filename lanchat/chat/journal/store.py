"""The journal's statements: plain synchronous functions over one connection, inside the caller's transaction."""

import time
from collections.abc import Iterable

import apsw
import msgspec

from lanchat.chat.protocol import Author, Body, Event, NodeInfo
from lanchat.errors import InvalidFrame, NoSuchRoom

_EVENT = "room, seq, term, nonce, author_id, author_nick, at, kind, body"
_body = msgspec.json.Decoder(Body)


class Draft(msgspec.Struct, frozen=True):
    """What somebody wants to say, before it has a number."""

    room: str
    nonce: str
    author: Author
    body: Body


class Kept(msgspec.Struct, frozen=True):
    """The event that a draft became; not `fresh` when its nonce was known and the event is an old one."""

    event: Event
    fresh: bool


class RoomRecord(msgspec.Struct, frozen=True):
    """One room as the database keeps it.

    Attributes:
        opened_itself: nobody asked for the room, so it yields to another of its name until somebody has spoken.
        addresses: where its home answered last, as `host:port`; empty for a room whose home is here.
    """

    id: str
    name: str
    home: NodeInfo
    term: int = 1
    opened_itself: bool = False
    addresses: tuple[str, ...] = ()


class Transaction:
    """One transaction of the writer: what it adds, until the commit makes it true.

    Args:
        connection: inside a transaction.

    Attributes:
        fresh: the events that were added, by room, in order.
        gone: the rooms that were forgotten.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.fresh: dict[str, list[Event]] = {}
        self.gone: set[str] = set()

    def top(self, room: str) -> int:
        """Give the highest seq of a room as this transaction sees it."""
        fresh = self.fresh.get(room)
        return fresh[-1].seq if fresh else top(self.connection, room)

    def keep(self, event: Event) -> None:
        """Write an event down."""
        self.connection.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event.room,
                event.seq,
                event.term,
                event.nonce,
                event.author.id,
                event.author.nick,
                event.at,
                event.kind,
                _text(event.body),
            ),
        )
        self.fresh.setdefault(event.room, []).append(event)


def rooms(connection: apsw.Connection) -> list[RoomRecord]:
    """Give all rooms, oldest first."""
    rows = connection.execute(
        "SELECT id, name, home_id, home_name, term, opened_itself, addresses FROM room ORDER BY rowid"
    )
    return [
        RoomRecord(row[0], row[1], NodeInfo(id=row[2], name=row[3]), row[4], bool(row[5]), tuple(row[6].split()))
        for row in rows
    ]


def put_room(connection: apsw.Connection, room: RoomRecord) -> None:
    """Add a room, or change what is kept of it."""
    connection.execute(
        "INSERT INTO room VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET home_name = excluded.home_name,"
        " term = excluded.term, opened_itself = excluded.opened_itself, addresses = excluded.addresses",
        (
            room.id,
            room.name,
            room.home.id,
            room.home.name,
            room.term,
            int(room.opened_itself),
            " ".join(room.addresses),
        ),
    )


def delete_room(transaction: Transaction, room: str) -> None:
    """Forget a room and everything said in it."""
    transaction.connection.execute("DELETE FROM room WHERE id = ?", (room,))
    transaction.fresh.pop(room, None)
    transaction.gone.add(room)


def replace_room(transaction: Transaction, silent: str, other: RoomRecord) -> bool:
    """Keep another room in place of one in which nothing was said; False, and nothing done, when something was.

    What waits for the one room's home waits for the other's from now on.
    """
    if transaction.top(silent):
        return False
    put_room(transaction.connection, other)
    transaction.connection.execute("UPDATE OR IGNORE outbox SET room = ? WHERE room = ?", (other.id, silent))
    delete_room(transaction, silent)
    return True


def top(connection: apsw.Connection, room: str) -> int:
    """Give the highest seq of a room; 0 when nothing was said."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM event WHERE room = ?", (room,)).get)


def append(transaction: Transaction, draft: Draft) -> Kept:
    """Number and keep a draft whose room has its home here; a nonce that the room knows gives its event.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
    """
    connection = transaction.connection
    known = find(connection, draft.room, draft.nonce)
    if known is not None:
        return Kept(known, fresh=False)
    term = _term(connection, draft.room)
    event = Event(
        room=draft.room,
        seq=transaction.top(draft.room) + 1,
        term=term,
        nonce=draft.nonce,
        author=draft.author,
        at=time.time_ns() // 1_000_000,
        kind="message",
        body=draft.body,
    )
    transaction.keep(event)
    return Kept(event, fresh=True)


def mirror(transaction: Transaction, room: str, events: Iterable[Event]) -> None:
    """Keep events of one room under the numbers that its home gave, and take them out of the outbox.

    Events that were kept before are passed over.

    Raises:
        InvalidFrame: an event is not the next of its room, or its nonce stands under another number already; none
            of them is kept.
        NoSuchRoom: the room was forgotten meanwhile.
    """
    _term(transaction.connection, room)
    seq = transaction.top(room)
    fresh = [event for event in events if event.seq > seq]
    nonces = set()
    for place, event in enumerate(fresh, seq + 1):
        if event.room != room or event.seq != place:
            raise InvalidFrame(f"The home sent event {event.seq} where {place} belongs.")
        if event.nonce in nonces or find(transaction.connection, room, event.nonce) is not None:
            raise InvalidFrame(f"The home gave the nonce of event {event.seq} twice.")
        nonces.add(event.nonce)
    for event in fresh:
        transaction.keep(event)
        take_out(transaction.connection, room, event.nonce)


def find(connection: apsw.Connection, room: str, nonce: str) -> Event | None:
    """Give the event of a room that has this nonce."""
    row = connection.execute(
        f"SELECT {_EVENT} FROM event WHERE room = ? AND nonce = ?",
        (room, nonce),
    ).fetchone()
    return _event(row) if row else None


def after(connection: apsw.Connection, room: str, seq: int, limit: int) -> list[Event]:
    """Give at most `limit` events above `seq`, ascending."""
    rows = connection.execute(
        f"SELECT {_EVENT} FROM event WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?",
        (room, seq, limit),
    )
    return [_event(row) for row in rows]


def before(connection: apsw.Connection, room: str, seq: int, limit: int) -> list[Event]:
    """Give at most `limit` events just below `seq`, ascending."""
    rows = connection.execute(
        f"SELECT {_EVENT} FROM event WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
        (room, seq, limit),
    )
    return [_event(row) for row in rows][::-1]


def put_out(transaction: Transaction, draft: Draft) -> Kept | None:
    """Put a draft for another home into the outbox, once; when the home has numbered it already, give the event.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
    """
    _term(transaction.connection, draft.room)
    known = find(transaction.connection, draft.room, draft.nonce)
    if known is not None:
        return Kept(known, fresh=False)
    transaction.connection.execute(
        "INSERT OR IGNORE INTO outbox (room, nonce, author_id, author_nick, body) VALUES (?, ?, ?, ?, ?)",
        (draft.room, draft.nonce, draft.author.id, draft.author.nick, _text(draft.body)),
    )
    return None


def take_out(connection: apsw.Connection, room: str, nonce: str) -> None:
    """Take a draft out of the outbox."""
    connection.execute("DELETE FROM outbox WHERE room = ? AND nonce = ?", (room, nonce))


def outbox(connection: apsw.Connection, room: str, place: int) -> list[tuple[int, Draft]]:
    """Give what waits for a room's home behind `place`, in the order in which it was said, each with its place."""
    rows = connection.execute(
        "SELECT place, nonce, author_id, author_nick, body FROM outbox WHERE room = ? AND place > ? ORDER BY place",
        (room, place),
    )
    return [(row[0], Draft(room, row[1], Author(id=row[2], nick=row[3]), _body.decode(row[4]))) for row in rows]


def settings(connection: apsw.Connection) -> dict[str, str]:
    """Give everything that the node remembers about itself."""
    return dict(connection.execute("SELECT key, value FROM setting"))


def put_setting(connection: apsw.Connection, key: str, value: str) -> None:
    """Remember one value."""
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, value))


def _term(connection: apsw.Connection, room: str) -> int:
    term = connection.execute("SELECT term FROM room WHERE id = ?", (room,)).get
    if term is None:
        raise NoSuchRoom
    return int(term)


def _text(body: Body) -> str:
    return msgspec.json.encode(body).decode()


def _event(row: tuple[str, int, int, str, str, str, int, str, str]) -> Event:
    room, seq, term, nonce, author_id, author_nick, at, _kind, body = row
    return Event(
        room=room,
        seq=seq,
        term=term,
        nonce=nonce,
        author=Author(id=author_id, nick=author_nick),
        at=at,
        kind="message",
        body=_body.decode(body),
    )
