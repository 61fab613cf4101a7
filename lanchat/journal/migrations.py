"""The tables of the database, version by version: each step is one transaction and leads from one version to the next.

A new database takes all steps from 0 on, so there is one description of every table.
"""

from collections.abc import Callable

import apsw

from lanchat.journal.words import index
from lanchat.protocol import guest_id, is_guest_id, is_key_id, unverified_id

_FIRST = """
CREATE TABLE room (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    home_id TEXT NOT NULL,
    home_name TEXT NOT NULL,
    term INTEGER NOT NULL DEFAULT 1,
    opened_itself INTEGER NOT NULL DEFAULT 0,
    addresses TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE event (
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    term INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_nick TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (room, seq),
    UNIQUE (room, nonce)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    nonce TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_nick TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (room, nonce)
) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

_KEYS = """
CREATE TABLE numbered (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    home_id TEXT NOT NULL,
    home_name TEXT NOT NULL,
    term INTEGER NOT NULL DEFAULT 1,
    opened_itself INTEGER NOT NULL DEFAULT 0,
    addresses TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO numbered SELECT rowid, * FROM room ORDER BY rowid;
DROP TABLE room;
ALTER TABLE numbered RENAME TO room;

CREATE TABLE entry (
    key INTEGER PRIMARY KEY, -- room.number << 40 | seq
    term INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_nick TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    target INTEGER -- the key of the message that this is about
) STRICT;
INSERT INTO entry
    SELECT room.number << 40 | seq, event.term, nonce, author_id, author_nick, at, kind, body, NULL
    FROM room CROSS JOIN event ON event.room = room.id ORDER BY room.number, seq;
CREATE UNIQUE INDEX entry_nonce ON entry (key >> 40, nonce);
CREATE INDEX entry_target ON entry (target) WHERE target IS NOT NULL;
DROP TABLE event;
CREATE VIEW event AS -- how other programs read the history
    SELECT room.id AS room, key & 0xffffffffff AS seq, entry.term, nonce, author_id, author_nick, at, kind, body
    FROM entry JOIN room ON room.number = key >> 40;

CREATE TABLE noted (
    number INTEGER PRIMARY KEY, -- of a room
    seq INTEGER NOT NULL -- up to which its words are in the index
) STRICT;

ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'message';
"""

_TARGETS = """
UPDATE entry SET body = json_set(body, '$.target', coalesce(
    (SELECT about.nonce FROM {names} AS about WHERE about.key = entry.target), nonce))
    WHERE instr(body, '"target":') AND json_valid(body) AND json_type(body, '$.target') = 'integer';
UPDATE outbox SET body = json_set(body, '$.target', coalesce((
    SELECT about.nonce FROM room JOIN {names} AS about
        ON about.key = room.number << 40 | json_extract(outbox.body, '$.target')
    WHERE room.id = outbox.room), nonce))
    WHERE json_valid(body) AND json_type(body, '$.target') = 'integer';
"""


_DOORS = """
ALTER TABLE room ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE room ADD COLUMN salt TEXT NOT NULL DEFAULT '';
CREATE TABLE rule ( -- what holds in a room stays known, whatever retention removes of its history
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE passkey ( -- what a passphrase was made into
    room TEXT PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pass ( -- who was let in
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    UNIQUE (room, holder)
) STRICT;
CREATE TABLE barred ( -- addresses of people who were banned with theirs
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (room, address, person)
) STRICT, WITHOUT ROWID;
"""


_ARRIVALS = """
CREATE TABLE arrival ( -- how far a room had come by when, by the clock of this node
    room INTEGER NOT NULL REFERENCES room (number) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, at)
) STRICT, WITHOUT ROWID;
"""


_MEMBERSHIPS = """
CREATE TABLE membership ( -- the rooms that people of this node are in, and how far they have read
    person TEXT NOT NULL,
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    read INTEGER NOT NULL,
    view INTEGER NOT NULL,
    notices TEXT NOT NULL,
    favourite INTEGER NOT NULL,
    place INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (person, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_room ON membership (room);
INSERT INTO membership -- what was here counts as read
    SELECT person.value, room.id,
        coalesce((SELECT max(key) FROM entry WHERE key BETWEEN (number << 40) AND (number << 40 | 0xffffffffff)), 0)
            & 0xffffffffff,
        0, 'all', 0, 0, 0
    FROM room JOIN setting AS person ON person.key = 'person';
CREATE TABLE grave ( -- rooms that were deleted for everybody, and the word of their owner
    room TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    salt TEXT NOT NULL,
    event TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


def name_targets(connection: apsw.Connection, names: str = "entry") -> None:
    """Let edits, reactions and deletions name their message by its nonce where they named it by its seq.

    One whose message is not known any more names itself. No message has that nonce, so nothing changes by it, and a
    home refuses it like every change of a message that it does not have.

    Args:
        connection: inside a transaction.
        names: the table that has key and nonce of every event.
    """
    connection.execute(_TARGETS.format(names=names))


_SIGNATURES = """
ALTER TABLE entry ADD COLUMN signature TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN voucher TEXT NOT NULL DEFAULT ''; -- who signs in place of an author without a key
CREATE INDEX entry_stray ON entry (key >> 40, iif(json_valid(body), json_extract(body, '$.target'), ''), kind)
    WHERE target IS NULL AND kind != 'message'; -- about messages that were not kept when this came
ALTER TABLE outbox ADD COLUMN signature TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN voucher TEXT NOT NULL DEFAULT '';
DROP VIEW event;
CREATE VIEW event AS -- how other programs read the history
    SELECT room.id AS room, key & 0xffffffffff AS seq, entry.term, nonce, author_id, author_nick, at, kind, body,
        signature, voucher
    FROM entry JOIN room ON room.number = key >> 40;
"""
_UNSIGNED = "signature = '' AND voucher = ''"
PERSON = "person"
"""The setting in which a node keeps the id of its person."""


def disclaim(connection: apsw.Connection) -> None:
    """Let nobody stand for somebody who has a key or a voucher by an id alone, which anybody could once choose.

    An entry that is not signed and has such an id gets one that says so, unless it is by this node's person, who can
    sign. What waits for a home was said here, by people for whom this node can vouch.

    Args:
        connection: inside a transaction.
    """
    mine = connection.execute("SELECT value FROM setting WHERE key = ?", (PERSON,)).get
    for person in _unsigned(connection, "entry"):
        if person != mine and (is_key_id(person) or is_guest_id(person)):
            connection.execute(
                f"UPDATE entry SET author_id = ? WHERE author_id = ? AND {_UNSIGNED}", (unverified_id(person), person)
            )
    for person in _unsigned(connection, "outbox"):
        connection.execute(
            f"UPDATE outbox SET author_id = ? WHERE author_id = ? AND {_UNSIGNED}", (guest_id(person), person)
        )


def _unsigned(connection: apsw.Connection, table: str) -> list[str]:
    return [
        str(person) for (person,) in connection.execute(f"SELECT DISTINCT author_id FROM {table} WHERE {_UNSIGNED}")
    ]


def _sign(connection: apsw.Connection) -> None:
    connection.execute(_SIGNATURES)
    disclaim(connection)


def _keys_and_words(connection: apsw.Connection) -> None:
    connection.execute(_KEYS)
    index.create(connection)


_LEDGERS = """
CREATE TABLE ledger ( -- of a room that has voters
    room TEXT PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    me TEXT NOT NULL,
    term INTEGER NOT NULL,
    vote TEXT NOT NULL,
    base INTEGER NOT NULL,
    first TEXT NOT NULL,
    acknowledged INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE turn ( -- entries of its log that nobody is shown
    room TEXT NOT NULL REFERENCES ledger (room) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    term INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    voters TEXT NOT NULL,
    alone INTEGER NOT NULL,
    PRIMARY KEY (room, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE tail ( -- its events that are not acknowledged yet
    room TEXT NOT NULL REFERENCES ledger (room) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (room, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX tail_nonce ON tail (room, nonce);
ALTER TABLE entry ADD COLUMN apart INTEGER NOT NULL DEFAULT 0; -- whether it was said without the others
ALTER TABLE outbox ADD COLUMN at INTEGER NOT NULL DEFAULT 0; -- when it was said, where the others were not told
"""

STEPS: tuple[Callable[[apsw.Connection], object], ...] = (
    lambda connection: connection.execute(_FIRST),
    _keys_and_words,
    name_targets,
    _sign,
    lambda connection: connection.execute(_DOORS),
    lambda connection: connection.execute(_ARRIVALS),
    lambda connection: connection.execute(_MEMBERSHIPS),
    lambda connection: connection.execute(_LEDGERS),
)
"""What leads from version n to version n + 1, inside the caller's transaction."""
