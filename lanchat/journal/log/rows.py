"""The log of a room that has voters: its turns, its events that are not acknowledged, and this node's vote.

What is acknowledged lies in the history, where everybody reads it. The tail of the log is only kept: it may be replaced
by what another home has, and nothing is lost by that, because whatever is in it waits in the outbox of the node where
it was said until it is acknowledged.
"""

import json
from collections.abc import Iterable, Sequence

import apsw
import msgspec

from lanchat.errors import JournalFailed
from lanchat.journal import keys, outbox, reading
from lanchat.journal.records import LedgerRecord, Logged, Turn
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event, decode_event, encode

RECENT = 5_000
"""Entries of a room in which is looked for what somebody has said."""
_TARGET = "json_extract(event, '$.body.target')"
_KIND = "json_extract(event, '$.kind')"
_ORIGIN = "json_extract(event, '$.body.origin')"


def load(connection: apsw.Connection, room: str) -> LedgerRecord | None:
    """Return what is kept of a room's log beside its history; None when it has no voters."""
    row = connection.execute("SELECT me, term, vote, base, first, acknowledged FROM ledger WHERE room = ?", (room,)).get
    if row is None:
        return None
    me, term, whom, base, first, acknowledged = row
    tail = connection.execute("SELECT place, event FROM tail WHERE room = ? ORDER BY place", (room,))
    waiting = tuple((place, _event(event)) for place, event in tail)
    return LedgerRecord(me, term, whom, base, first, acknowledged, _turns(connection, room, 0, None), waiting)


def rooms(connection: apsw.Connection) -> set[str]:
    """Return the ids of the rooms that have voters."""
    return {room for (room,) in connection.execute("SELECT room FROM ledger")}


def has_said(connection: apsw.Connection, room: str, person: str) -> bool:
    """Return whether somebody has said one of the last RECENT things in a room."""
    base = keys.base(connection, room)
    last = "SELECT author_id FROM entry WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT ?"
    said = f"SELECT EXISTS(SELECT 1 FROM ({last}) WHERE author_id = ?)"
    return bool(connection.execute(said, (base + 1, base + keys.HIGHEST, RECENT, person)).get)


def known(connection: apsw.Connection, room: str, nonces: Iterable[str]) -> set[str]:
    """Return which of some nonces have been numbered in a room, whether that is acknowledged or not."""
    number, among = keys.base(connection, room) >> 40, json.dumps(list(nonces))
    here = "SELECT nonce FROM entry WHERE key >> 40 = ? AND nonce IN (SELECT value FROM json_each(?))"
    coming = "SELECT nonce FROM tail WHERE room = ? AND nonce IN (SELECT value FROM json_each(?))"
    found = connection.execute(f"{here} UNION ALL {coming}", (number, among, room, among))
    return {nonce for (nonce,) in found}


def put(transaction: Transaction, room: str, ledger: LedgerRecord) -> None:
    """Keep a log in place of the one that is kept; it has no tail."""
    connection = transaction.connection
    drop(transaction, room)
    row = (ledger.me, ledger.term, ledger.vote, ledger.base, ledger.first, ledger.acknowledged)
    connection.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)", (room, *row))
    for turn in ledger.turns:
        _put_turn(connection, room, turn)
    transaction.put(room)


def drop(transaction: Transaction, room: str) -> None:
    """Forget the log of a room."""
    transaction.connection.execute("DELETE FROM ledger WHERE room = ?", (room,))
    transaction.put(room)


def found(transaction: Transaction, room: str, me: str, first: str) -> LedgerRecord:
    """Begin the log of a room whose home this node has been alone, with everything that was said until now."""
    head = transaction.head(room)
    ledger = LedgerRecord(me, head.term, me, head.term, first, head.last)
    put(transaction, room, ledger)
    return ledger


def retreat(transaction: Transaction, room: str, fork: int, most: int) -> bool:
    """Let the last things said behind the seq `fork` wait for the next home of a room, before what waits already.

    They were said while some could not reach the others. The log ends before them, so that a node which stops here goes
    on as it was, and numbers them again.

    Args:
        transaction: in which it is done.
        room: the room.
        fork: seq of the last event that stays.
        most: how many of them are taken at once.

    Returns:
        Whether there are more.
    """
    connection, head = transaction.connection, transaction.head(room)
    count = min(most, head.top - fork)
    if count <= 0:
        return False
    after = head.top - count
    outbox.put_first(transaction, room, reading.after(connection, room, after, count))
    transaction.remove(head.base + after + 1, head.base + head.top)
    connection.execute("DELETE FROM rule WHERE room = ? AND seq > ?", (room, after))
    connection.execute("DELETE FROM tail WHERE room = ?", (room,))
    connection.execute("DELETE FROM turn WHERE room = ? AND seq > ?", (room, after))
    turns = connection.execute("SELECT count(*) FROM turn WHERE room = ?", (room,)).get
    note(transaction, room, after + int(turns))
    transaction.tops[room] = after
    transaction.put(room)
    return after > fork


def vote(transaction: Transaction, room: str, term: int, whom: str) -> None:
    """Keep the highest term that is known, and for whom this node has voted in it."""
    transaction.connection.execute("UPDATE ledger SET term = ?, vote = ? WHERE room = ?", (term, whom, room))


def note(transaction: Transaction, room: str, acknowledged: int) -> None:
    """Keep up to which place everything is acknowledged and lies in the history."""
    transaction.connection.execute("UPDATE ledger SET acknowledged = ? WHERE room = ?", (acknowledged, room))


def store(transaction: Transaction, room: str, after: int, entries: Sequence[Logged]) -> None:
    """Keep entries of the room's home behind the place `after`, in place of what lies there."""
    connection = transaction.connection
    cut(transaction, room, after)
    for entry in entries:
        if entry.turn is not None:
            _put_turn(connection, room, entry.turn)
        elif (event := entry.event) is not None:
            connection.execute(
                "INSERT INTO tail VALUES (?, ?, ?, ?, ?)",
                (room, entry.place, event.seq, event.nonce, encode(event).decode()),
            )


def cut(transaction: Transaction, room: str, after: int) -> None:
    """Take out of the log what lies behind a place and is not acknowledged."""
    for table in ("tail", "turn"):
        transaction.connection.execute(f"DELETE FROM {table} WHERE room = ? AND place > ?", (room, after))
    transaction.put(room)


def take_acknowledged(transaction: Transaction, room: str, place: int) -> list[Event]:
    """Take the events up to a place out of the tail, for the history. The highest term of them is the room's."""
    connection = transaction.connection
    rows = connection.execute(
        "DELETE FROM tail WHERE room = ? AND place <= ? RETURNING place, event", (room, place)
    ).fetchall()
    note(transaction, room, place)
    transaction.put(room)
    events = [_event(str(event)) for _, event in sorted(rows)]
    if events:
        connection.execute("UPDATE room SET term = max(term, ?) WHERE id = ?", (events[-1].term, room))
    return events


def entries(connection: apsw.Connection, room: str, after: int, last: int, most: int) -> list[Logged]:
    """Return the entries behind the place `after` up to `last`, in at most `most` bytes, at least one of them.

    It is fewer, or none, where the history does not reach back so far any more. This is for a home, whose history has
    everything that its log has.
    """
    turns = {turn.place: turn for turn in _turns(connection, room, after, last)}
    below = int(connection.execute("SELECT count(*) FROM turn WHERE room = ? AND place <= ?", (room, after)).get)
    wanted = last - after - len(turns)
    events = reading.after(connection, room, after - below, wanted)
    tail = connection.execute(
        "SELECT event FROM tail WHERE room = ? AND seq > ? AND place <= ? ORDER BY place",
        (room, events[-1].seq if events else after - below, last),
    )
    coming = iter([*events, *(_event(event) for (event,) in tail)])
    found: list[Logged] = []
    seq = after - below
    for place in range(after + 1, last + 1):
        if turn := turns.get(place):
            found.append(Logged(place, turn.term, turn=turn))
            continue
        event = next(coming, None)
        if event is None or event.seq != seq + 1:
            break
        most -= len(encode(event)) + len(event.signature)
        if most < 0 and found:
            break
        seq = event.seq
        found.append(Logged(place, event.term, event))
    return found


def find(connection: apsw.Connection, room: str, nonce: str) -> tuple[int, Event] | None:
    """Return the event of this nonce that is not acknowledged, and its place."""
    # Named, because SQLite takes the primary key for as good, and reads the whole tail by that.
    said = "SELECT place, event FROM tail INDEXED BY tail_nonce WHERE room = ? AND nonce = ?"
    row = connection.execute(said, (room, nonce)).fetchone()
    return None if row is None else (row[0], _event(row[1]))


def author(connection: apsw.Connection, room: str, nonce: str) -> tuple[str, str] | None:
    """Return id and voucher of the author of a message that is not acknowledged, unless it is deleted already."""
    found = find(connection, room, nonce)
    if found is None or found[1].kind != "message" or is_deleted(connection, room, nonce):
        return None
    return found[1].author.id, found[1].voucher


def is_deleted(connection: apsw.Connection, room: str, nonce: str) -> bool:
    """Return whether a deletion of this message waits to be acknowledged."""
    return bool(_about(connection, room, nonce, "= 'deletion'"))


def words(connection: apsw.Connection, room: str) -> list[Event]:
    """Return the rules that were said in other rooms and are not acknowledged in this one, ascending."""
    said = f"SELECT event FROM tail WHERE room = ? AND {_KIND} = 'rule' AND {_ORIGIN} IS NOT NULL ORDER BY place"
    return [_event(event) for (event,) in connection.execute(said, (room,))]


def changes(connection: apsw.Connection, room: str, nonce: str) -> int:
    """Return how many edits and reactions of this message wait to be acknowledged."""
    return _about(connection, room, nonce, "!= 'deletion'")


def _about(connection: apsw.Connection, room: str, nonce: str, kind: str) -> int:
    about = f"SELECT count(*) FROM tail WHERE room = ? AND {_TARGET} = ? AND {_KIND} {kind}"
    return int(connection.execute(about, (room, nonce)).get)


def begin(transaction: Transaction, room: str, after: int, *, alone: bool) -> None:
    """Begin, as the room's home of a new term, with a turn behind the place `after`.

    Raises:
        JournalFailed: the log ends elsewhere.
    """
    cut(transaction, room, after)
    if (place := transaction.head(room).place) != after:
        raise JournalFailed(f"The log of a room ends at {place}, where {after} was expected.")
    transaction.turn(room, "", alone=alone)


def _turns(connection: apsw.Connection, room: str, after: int, last: int | None) -> tuple[Turn, ...]:
    rows = connection.execute(
        "SELECT place, term, seq, voters, alone FROM turn WHERE room = ? AND place > ? AND place <= ? ORDER BY place",
        (room, after, 2**62 if last is None else last),
    )
    return tuple(Turn(place, term, seq, voters, bool(alone)) for place, term, seq, voters, alone in rows)


def _put_turn(connection: apsw.Connection, room: str, turn: Turn) -> None:
    connection.execute("INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?)", (room, *msgspec.structs.astuple(turn)))


def _event(text: str) -> Event:
    return decode_event(text.encode())
