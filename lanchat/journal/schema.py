"""The database file: how it is opened, brought to this version and written, and how SQLite's errors become ours."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec

from lanchat.errors import DiskFull, JournalDamaged, JournalError, JournalFailed, JournalNewer, JournalReadOnly
from lanchat.journal.migrations import STEPS

VERSION = len(STEPS)
"""Version of the tables, kept in `PRAGMA user_version`."""
_IN_MEMORY = ":memory:"
"""What SQLite calls a database without a file."""


def open_writer(path: Path) -> apsw.Connection:
    """Open the database for its one writer, and bring its tables to this version.

    WAL with synchronous FULL: a commit is on the disk before it returns (https://sqlite.org/pragma.html#pragma_synchronous).
    What is deleted is overwritten with zeros (https://sqlite.org/pragma.html#pragma_secure_delete).

    Raises:
        JournalNewer: a newer Lanchat wrote the file.
        JournalError: SQLite's reason, as one of ours.
    """
    if path.name != _IN_MEMORY:
        with contextlib.suppress(OSError):  # SQLite says what is wrong
            path.touch(0o600, exist_ok=False)  # its log and its index get the same rights
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    try:
        connection.set_busy_timeout(2_000)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("secure_delete", True)
        _prepare(connection, path)
        connection.pragma("foreign_keys", True)
    except Exception as error:  # noqa: BLE001 - a row that cannot be understood is damage like any other
        connection.close()
        reason = journal_error(error)
        raise DiskFull(f"The disk has no room to open {path}.") if isinstance(reason, DiskFull) else reason from None
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
    """Return our error for what went wrong while the database worked."""
    match error:
        case JournalError():
            return error
        case apsw.FullError():
            return DiskFull()
        case apsw.IOError() if getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE:
            return DiskFull()  # what readers share grows with the first of them
        case apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.CantOpenError():
            return JournalReadOnly()
        case apsw.CorruptError() | apsw.NotADBError() | msgspec.DecodeError() | UnicodeDecodeError() | KeyError():
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
    if version and connection.execute("PRAGMA integrity_check(1)").get != "ok":
        raise JournalDamaged  # a step would drop what it does not find
    # Foreign keys are not in force yet: a step that replaces a table must not take with it what refers to the old one.
    for step, lead in enumerate(STEPS[version:], version + 1):
        with atomic(connection):
            lead(connection)
            connection.pragma("user_version", step)
