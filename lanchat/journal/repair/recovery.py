"""A damaged database is set aside, and as much of it as can be read goes into a new one."""

import contextlib
import errno
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import apsw
import msgspec

from lanchat.errors import DiskFull, JournalDamaged, JournalError, JournalReadOnly
from lanchat.journal import keys, reading
from lanchat.journal.door import rows as doors
from lanchat.journal.migrations import PERSON, disclaim, name_targets
from lanchat.journal.repair.pages import Pages
from lanchat.journal.repair.report import Recovery, recovered_file
from lanchat.journal.repair.salvage import salvage
from lanchat.journal.schema import atomic, journal_error, open_writer
from lanchat.protocol import Author, Body, Event, Rule, followed, is_key_id, room_id, unverified_id, write_rule

_DOORS = ("passkey", "pass", "barred")
"""The tables of doors that name their room."""
_NODE = "node"
"""The setting in which a node keeps its id."""
_NOBODY = "Someone"
"""How this node's person is called where that is lost."""
_STRAYS = """
CREATE TEMP VIEW stray AS SELECT key, nonce FROM entry
    WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.key = entry.key)
    AND NOT EXISTS (SELECT 1 FROM entry AS beside WHERE beside.key IN (entry.key - 1, entry.key + 1));
UPDATE OR IGNORE entry SET key = seen.key FROM stray JOIN seen USING (nonce)
    WHERE entry.key = stray.key AND NOT EXISTS (SELECT 1 FROM entry AS there WHERE there.key = seen.key);
DELETE FROM entry WHERE key IN (SELECT key FROM stray)
    AND EXISTS (SELECT 1 FROM seen WHERE seen.key >> 40 = entry.key >> 40);
DROP VIEW stray;
"""
_HOLE = """
SELECT iif(
    (SELECT min(key) FROM seen WHERE key BETWEEN ?1 AND ?2) < (SELECT min(key) FROM entry WHERE key BETWEEN ?1 AND ?2),
    ?1,
    (SELECT min(key) FROM (SELECT key, lag(key) OVER (ORDER BY key) AS last FROM entry WHERE key BETWEEN ?1 AND ?2)
        WHERE key > last + 1))
"""
_LOST = """
SELECT coalesce(max(key) - min(key) + 1 - count(*), 0)
    + (SELECT count(*) FROM seen WHERE key BETWEEN ?1 AND ?2 AND NOT EXISTS (
        SELECT 1 FROM entry AS kept WHERE kept.key BETWEEN ?1 AND seen.key)
        OR key BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM entry AS kept WHERE kept.key BETWEEN seen.key AND ?2))
FROM entry WHERE key BETWEEN ?1 AND ?2
"""
_RENUMBER = """
CREATE TEMP TABLE place AS
    SELECT key AS old, $past + row_number() OVER (ORDER BY key) AS seq FROM entry AS said
    WHERE key BETWEEN $first AND $last
        AND (target IS NULL OR EXISTS (SELECT 1 FROM entry WHERE entry.key = said.target));
CREATE UNIQUE INDEX temp.place_old ON place (old);
INSERT INTO entry
    SELECT $base + place.seq, term, nonce, iif(signature = '' OR author_id = $person, author_id, unverified(author_id)),
        author_nick, at, kind, iif(json_valid(body), json_remove(body, '$.origin'), body),
        $base + about.seq, '', iif(signature = '', voucher, ''), apart
    FROM place JOIN entry ON entry.key = place.old LEFT JOIN place AS about ON about.old = entry.target;
DELETE FROM entry WHERE key BETWEEN $first AND $last;
DROP TABLE place;
"""


def recover(path: Path) -> Recovery:
    """Make a new database of what can be read of a damaged one, and set that one aside, log and all.

    Until the new one is whole nothing of the old one is touched.

    Raises:
        JournalDamaged: the file is not ours, and was let be.
        DiskFull, JournalReadOnly, JournalError: it could not be done; the damaged file lies where it was.
    """
    new = path.with_name(path.name + ".recovering")
    aside = _free_name(path)
    with _as_ours():
        _remove(new)
        try:
            report = _rebuild(path, new, aside)
            new.rename(recovered_file(path))
        finally:
            _remove(new)
        _exchange(path, aside)
    return report


def resume(path: Path) -> None:
    """Go on where a recovery was interrupted after its new database was whole. Raises JournalError."""
    with _as_ours():
        if recovered_file(path).exists():
            _exchange(path, _free_name(path))


def _rebuild(path: Path, new: Path, aside: Path) -> Recovery:
    with contextlib.closing(Pages(path)) as pages, contextlib.closing(open_writer(new)) as connection:
        with atomic(connection):
            ours = salvage(pages, connection)
            settled = _settle(connection, whole=pages.whole)
            kept = int(connection.execute("SELECT count(*) FROM entry").get)
        if not ours and not pages.has_header:
            raise JournalDamaged(f"{path} is no database of Lanchat; it was let be.")
    return Recovery(aside, kept, settled.lost, tuple(settled.renewed), tuple(settled.restated), tuple(settled.keyless))


class _Settled(msgspec.Struct):
    """How the rooms of this node came through: what they lost, and the names of some. As `Recovery`."""

    lost: int = 0
    renewed: list[str] = []
    restated: list[str] = []
    keyless: list[str] = []


def _settle(connection: apsw.Connection, *, whole: bool) -> _Settled:
    """Make each room one dense run again, and let its rules hold that can be read in its history.

    An event that stands alone, and where the index knows of none, has lost its place: its key is damaged. It goes
    back to where the index knows its nonce, or away.
    """
    connection.execute(_STRAYS)
    connection.execute("INSERT OR IGNORE INTO seen SELECT key, nonce FROM entry")
    name_targets(connection, "seen")
    disclaim(connection)
    connection.execute("DELETE FROM entry WHERE key >> 40 NOT IN (SELECT number FROM room)")
    for table in ("outbox", "rule", "ledger", "turn", *_DOORS):
        connection.execute(f"DELETE FROM {table} WHERE room NOT IN (SELECT id FROM room)")
    connection.execute(
        "INSERT OR IGNORE INTO setting SELECT ?, home_id FROM room WHERE addresses = '' ORDER BY number LIMIT 1",
        (_NODE,),
    )
    node = connection.execute("SELECT value FROM setting WHERE key = ?", (_NODE,)).get
    connection.execute(
        "INSERT OR IGNORE INTO setting"
        " SELECT ?, owner FROM room WHERE home_id = ? AND owner != '' ORDER BY number LIMIT 1",
        (PERSON, node),
    )
    settled = _Settled()
    records = cast(
        "list[tuple[int, str, str, str]]", connection.execute("SELECT number, id, name, home_id FROM room").fetchall()
    )
    for number, room, name, home in records:
        first, last = number << 40, number << 40 | keys.HIGHEST
        if home != node:
            hole = connection.execute(_HOLE, (first, last)).get
            if hole is not None:
                connection.execute("DELETE FROM entry WHERE key BETWEEN ? AND ?", (hole, last))
        doors.keep_rules(connection, room, reading.rules(connection, room))
        if home != node:
            continue
        lost = int(connection.execute(_LOST, (first, last)).get)
        if lost or not whole:
            settled.keyless += [name] * bool(doors.record(connection, room).key)
            settled.restated += [name] * _renew(connection, number)
            settled.lost += lost
            settled.renewed.append(name)
    return settled


def _renew(connection: apsw.Connection, number: int) -> bool:
    """Give a room a new id and a new number, and number what is left of it from 1 on, without a hole.

    A signature is about one room. This node's person can sign anew, and vouch anew for guests; who said the rest can
    nobody know any more. So that what held goes on to hold, the rules that others made stand in the name of this
    node's person, whose room it is from now on; a former owner moderates it. Rules whose events are not kept any more
    stand before everything else. The passphrase has to be set again: what it was made into is bound to the former id.

    Returns:
        Whether there were rules of others.
    """
    former, owner = connection.execute("SELECT id, owner FROM room WHERE number = ?", (number,)).get
    me = _person(connection, owner)
    salt = secrets.token_hex(16)
    new = room_id(me.id, salt) if me.id else secrets.token_hex(16)
    connection.execute(
        "INSERT INTO room (id, name, home_id, home_name, term, opened_itself, addresses, owner, salt)"
        " SELECT ?, name, home_id, home_name, term, opened_itself, addresses, ?, ? FROM room WHERE number = ?",
        (new, me.id, salt if me.id else "", number),
    )
    base = connection.last_insert_rowid() << 40
    first, last = number << 40, number << 40 | keys.HIGHEST
    lowest = connection.execute("SELECT min(key) & ? FROM entry WHERE key BETWEEN ? AND ?", (keys.HIGHEST, first, last))
    oldest = lowest.get or keys.HIGHEST
    made = doors.rules(connection, former, 0, -1)
    others = {event.seq for event, _, rule in followed(owner, made) if rule is not None and event.author.id != me.id}
    connection.executemany(
        "UPDATE entry SET author_id = ?, author_nick = ?, signature = '' WHERE key = ?",
        [(me.id, me.nick, first + seq) for seq in others],
    )
    past = [_restated(event, me) if event.seq in others else event for event in made if event.seq < oldest]
    if is_key_id(owner) and owner != me.id:
        past.insert(0, _made_moderator(owner, me, former))
    places = {"first": first, "last": last, "base": base, "past": len(past)}
    connection.create_scalar_function("unverified", _unverified, 1, deterministic=True)
    connection.execute(_RENUMBER, {**places, "person": me.id})
    doors.keep_rules(connection, new, [_of(event, new, seq, me.id) for seq, event in enumerate(past, 1)])
    doors.keep_rules(connection, new, reading.rules(connection, new))
    for table in _DOORS[1:]:
        connection.execute(f"UPDATE {table} SET room = ? WHERE room = ?", (new, former))
    connection.execute("DELETE FROM room WHERE number = ?", (number,))
    return bool(others)


def _person(connection: apsw.Connection, owner: str) -> Author:
    """Return this node's person, or who owns the room where that is not known, as they were called last."""
    person = connection.execute("SELECT value FROM setting WHERE key = ?", (PERSON,)).get or owner
    nick = connection.execute(
        "SELECT coalesce((SELECT value FROM setting WHERE key = 'nick'),"
        " (SELECT author_nick FROM entry WHERE author_id = ? ORDER BY key DESC LIMIT 1))",
        (person,),
    ).get
    return Author(id=person, nick=nick or _NOBODY)


def _restated(event: Event, me: Author) -> Event:
    return msgspec.structs.replace(event, author=me, signature="")


def _made_moderator(person: str, me: Author, room: str) -> Event:
    body = Body(text=write_rule(Rule(change="moderator", person=person)))
    return Event(
        room=room,
        seq=0,
        term=1,
        nonce=secrets.token_hex(16),
        author=me,
        at=time.time_ns() // 1_000_000,
        kind="rule",
        body=body,
    )


def _unverified(*author: object) -> str:
    return unverified_id(str(author[0]))


def _of(event: Event, room: str, seq: int, person: str) -> Event:
    """Return a rule of a renewed room, as its events are renewed."""
    author = event.author
    if event.signature and author.id != person:
        author = msgspec.structs.replace(author, id=unverified_id(author.id))
    return msgspec.structs.replace(event, room=room, seq=seq, author=author, signature="")


def _exchange(path: Path, aside: Path) -> None:
    """Set the old files aside, the log first: beside a new database an old log would be read into it."""
    for end in ("-wal", "-shm", ""):
        old = path.with_name(path.name + end)
        if old.exists():
            old.rename(aside.with_name(aside.name + end))
    recovered_file(path).rename(path)


def _free_name(path: Path) -> Path:
    """Return a name beside the database that no file has yet."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (path.with_name(f"{path.name}.damaged-{stamp}{'-' * bool(n)}{n or ''}") for n in range(1_000_000))
    return next(name for name in names if not name.exists())


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextlib.contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except JournalError:
        raise
    except apsw.FullError:
        raise DiskFull("The disk has no room to recover the damaged database.") from None
    except apsw.Error as error:
        raise journal_error(error) from None
    except OSError as error:
        kind = DiskFull if error.errno == errno.ENOSPC else JournalReadOnly
        raise kind(f"The damaged database could not be set aside: {error.strerror}.") from None
