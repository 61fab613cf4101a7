"""How the database is opened at start: checked, and recovered when it is damaged."""

import time
from pathlib import Path

import apsw

from lanchat.errors import JournalDamaged
from lanchat.journal import outbox, reading, rooms
from lanchat.journal.repair.report import Recovery, recovered_file
from lanchat.journal.schema import journal_error, open_writer

CHECKED = 32 * 1024 * 1024
"""A file up to this size, in bytes, is checked at every start; a larger one when the last shutdown was not clean."""
READ = 8 * 1024 * 1024
"""Of a file up to this size, in bytes, every row is read at every start, and every index compared with its table."""
PATIENCE = 4.0
"""Seconds that all checks may take. What was not reached by then counts as whole until a read finds otherwise."""
HASTE = 0.5
"""The same for a large file after a clean shutdown; it is the time that a start may lose on a slow disk."""
_RUN = 1_000
_DENSE = """
SELECT count(*) = coalesce(max(key) - min(key) + 1, 0) FROM entry NOT INDEXED
WHERE key BETWEEN ?1 << 40 AND ?1 << 40 | 0xffffffffff
"""


def open_whole(path: Path) -> tuple[apsw.Connection, Recovery | None]:
    """Open the database for its one writer; a damaged one is recovered first.

    A file is damaged when SQLite says so, when a room has a hole, when a row cannot be understood, or when `suspect`
    was called for it. How much of that is looked for depends on the size of the file.

    Returns:
        The connection, and what came of the recovery, if there was one.

    Raises:
        JournalError: it cannot be used, or is not ours; it was let be.
    """
    if recovered_file(path).exists():
        _resume(path)
    marker = _marker(path)
    if not marker.exists():
        unclean = _size(path.with_name(path.name + "-wal")) > 0
        try:
            connection = open_writer(path)
            if _is_whole(connection, _size(path), unclean=unclean):
                return connection, None
            connection.close()
        except JournalDamaged:
            pass
    recovery = _recover(path)
    marker.unlink(missing_ok=True)
    return open_writer(path), recovery


def suspect(path: Path) -> None:
    """Note that damage was seen in the database, so that it is recovered at the next start."""
    _marker(path).touch()


def _is_whole(connection: apsw.Connection, size: int, *, unclean: bool) -> bool:
    check = unclean or size <= CHECKED
    deadline = time.monotonic() + (PATIENCE if check else HASTE)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        if size <= READ:
            return _passes(connection, "integrity_check") and _is_dense(connection) and _is_read(connection, deadline)
        return (not check or _passes(connection, "quick_check")) and _is_dense(connection)
    except apsw.InterruptError:
        return True
    except apsw.SQLError:
        return False  # the statements are right, so the tables are not ours any more
    except (apsw.Error, ValueError, KeyError) as error:
        if isinstance(journal_error(error), JournalDamaged):
            return False
        raise
    finally:
        connection.set_progress_handler(None)


def _is_dense(connection: apsw.Connection) -> bool:
    """Whether no room has a hole: a bit that turned over in a key leaves one, and SQLite may find nothing wrong.

    There may be no time for all rooms, so each start begins with another one.
    """
    numbers = connection.execute("SELECT number FROM room ORDER BY random()").fetchall()
    return all(connection.execute(_DENSE, number).get for number in numbers)


def _passes(connection: apsw.Connection, check: str) -> bool:
    return [row[0] for row in connection.execute(f"PRAGMA {check}(1)")] == ["ok"]


def _is_read(connection: apsw.Connection, deadline: float) -> bool:
    """Read everything; what cannot be understood raises. True also when there was no time for all of it."""
    rooms.settings(connection)
    for room in rooms.rooms(connection):
        outbox.waiting(connection, room.id, 0)
        seq = reading.oldest(connection, room.id) - 1
        while time.monotonic() < deadline and (run := reading.after(connection, room.id, seq, _RUN)):
            seq = run[-1].seq
    return True


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".suspect")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _resume(path: Path) -> None:
    from lanchat.journal.repair.recovery import resume  # noqa: PLC0415 - loaded for a damaged database only

    resume(path)


def _recover(path: Path) -> Recovery:
    from lanchat.journal.repair.recovery import recover  # noqa: PLC0415 - loaded for a damaged database only

    return recover(path)
