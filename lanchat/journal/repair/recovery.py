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
from lanchat.protocol import Event, room_id, unverified_id

_DOORS = ("passkey", "pass", "barred", "ticket")
"""The tables of doors that name their room."""
_NODE = "node"
"""The setting in which a node keeps its id."""
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
        author_nick, at, kind, body, $base + about.seq, '', iif(signature = '', voucher, ''), apart
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
            lost, renewed = _settle(connection, whole=pages.whole)
            kept = int(connection.execute("SELECT count(*) FROM entry").get)
        if not ours and not pages.has_header:
            raise JournalDamaged(f"{path} is no database of Lanchat; it was let be.")
    return Recovery(aside, kept, lost, tuple(renewed))


def _settle(connection: apsw.Connection, *, whole: bool) -> tuple[int, list[str]]:
    """Make each room one dense run again; give what rooms of this node lost, and the names of those renewed.

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
    total = 0
    renewed: list[str] = []
    records = cast(
        "list[tuple[int, str, str]]", connection.execute("SELECT number, name, home_id FROM room").fetchall()
    )
    for number, name, home in records:
        first, last = number << 40, number << 40 | keys.HIGHEST
        if home != node:
            hole = connection.execute(_HOLE, (first, last)).get
            if hole is not None:
                connection.execute("DELETE FROM entry WHERE key BETWEEN ? AND ?", (hole, last))
            continue
        lost = int(connection.execute(_LOST, (first, last)).get)
        if lost or not whole:
            _renew(connection, number)
            total += lost
            renewed.append(name)
    return total, renewed


def _renew(connection: apsw.Connection, number: int) -> None:
    """Give a room a new id and a new number, and number what is left of it from 1 on, without a hole.

    A signature is about one room. This node's person can sign anew, and vouch anew for guests; what others said can
    nobody know any more, so the rules of moderators hold no longer. Rules whose events are not kept any more stand
    before everything else. The passphrase has to be set again: what it was made into is bound to the former id.
    """
    former, owner = connection.execute("SELECT id, owner FROM room WHERE number = ?", (number,)).get
    salt = secrets.token_hex(16)
    new = room_id(owner, salt) if owner else secrets.token_hex(16)
    connection.execute(
        "INSERT INTO room (id, name, home_id, home_name, term, opened_itself, addresses, owner, salt)"
        " SELECT ?, name, home_id, home_name, term, opened_itself, addresses, owner, ? FROM room WHERE number = ?",
        (new, salt if owner else "", number),
    )
    base = connection.last_insert_rowid() << 40
    person = connection.execute("SELECT value FROM setting WHERE key = ?", (PERSON,)).get
    first, last = number << 40, number << 40 | keys.HIGHEST
    lowest = connection.execute("SELECT min(key) & ? FROM entry WHERE key BETWEEN ? AND ?", (keys.HIGHEST, first, last))
    oldest = lowest.get or keys.HIGHEST
    past = [event for event in doors.rules(connection, former, 0, -1) if event.seq < oldest]
    places = {"first": first, "last": last, "base": base, "past": len(past)}
    connection.create_scalar_function("unverified", _unverified, 1, deterministic=True)
    connection.execute(_RENUMBER, {**places, "person": person})
    doors.keep_rules(connection, new, [_of(event, new, seq, person) for seq, event in enumerate(past, 1)])
    kept = connection.execute("SELECT count(*) FROM entry WHERE key BETWEEN ? AND ?", (base, base | keys.HIGHEST)).get
    events = reading.after(connection, new, 0, kept)
    doors.keep_rules(connection, new, [event for event in events if event.kind == "rule"])
    for table in _DOORS[1:]:
        connection.execute(f"UPDATE {table} SET room = ? WHERE room = ?", (new, former))
    connection.execute("DELETE FROM room WHERE number = ?", (number,))


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
