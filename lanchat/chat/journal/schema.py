"""The database file: its tables, its version, and how SQLite's errors become ours."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import apsw

from lanchat.errors import (
    DiskFull,
    JournalDamaged,
    JournalError,
    JournalFailed,
    JournalNewer,
    JournalReadOnly,
)

VERSION = 1
"""Version of the tables, kept in `PRAGMA user_version`."""

_TABLES = """
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


def open_writer(path: Path) -> apsw.Connection:
    """Open the database for its one writer, and make or check its tables.

    WAL with synchronous FULL: a commit is on the disk before it returns (https://sqlite.org/pragma.html#pragma_synchronous).

    Raises:
        JournalNewer: a newer Lanchat wrote the file.
        JournalError: SQLite's reason, as one of ours.
    """
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.set_busy_timeout(2_000)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("foreign_keys", True)
        _prepare(connection, path)
    except apsw.Error as error:
        connection.close()
        raise journal_error(error) from None
    except JournalNewer:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """Open the database for reading only. Raises JournalError."""
    connection = _connect(path, apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(2_000)
    return connection


@contextlib.contextmanager
def atomic(connection: apsw.Connection) -> Iterator[None]:
    """Keep everything that the block writes, or nothing of it when the block or the commit fails.

    It begins IMMEDIATE: a transaction that begins by reading cannot wait for another program's write. It is no block
    of apsw's: that one holds Python's lock, and so the event loop, while it waits for a write or for the disk.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def journal_error(error: Exception) -> JournalError:
    """Give our error for what went wrong while the database worked."""
    match error:
        case apsw.FullError():
            return DiskFull()
        case apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.CantOpenError():
            return JournalReadOnly()
        case apsw.CorruptError() | apsw.NotADBError():
            return JournalDamaged()
        case _:
            return JournalFailed(f"The database did not answer, so nothing was kept: {error}.")


def _connect(path: Path, flags: int) -> apsw.Connection:
    try:
        return apsw.Connection(str(path), flags=flags)
    except apsw.Error as error:
        raise journal_error(error) from None


def _prepare(connection: apsw.Connection, path: Path) -> None:
    version = connection.pragma("user_version")
    if version == VERSION:
        return
    if version > VERSION:
        raise JournalNewer(
            f"{path} was written by a newer Lanchat (version {version}, this one knows {VERSION}); "
            "update this one, or choose another --data-dir."
        )
    with atomic(connection):
        connection.execute(_TABLES)
        connection.pragma("user_version", VERSION)
