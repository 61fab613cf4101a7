"""A copy of the whole database, made while it is in use."""

import contextlib
import errno
import os
from pathlib import Path

import apsw

from lanchat.errors import DiskFull, JournalFailed, JournalReadOnly
from lanchat.journal.schema import journal_error, open_reader


def write_backup(database: Path, copy: Path) -> None:
    """Write a copy of a database, as it is at this moment, without what was deleted. It is there whole, or not at all.

    Raises:
        JournalFailed: there is a file of that name already, or the database does not answer.
        DiskFull: there is no room for it.
        JournalReadOnly: nothing can be written there.
    """
    if copy.exists():
        raise JournalFailed(f"There is something at {copy} already; choose another name for the backup.")
    part = copy.with_name(copy.name + ".part")
    try:
        part.unlink(missing_ok=True)
        part.touch(0o600)
        with contextlib.closing(open_reader(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.rename(copy)
    except apsw.FullError:
        raise _no_room(copy) from None
    except apsw.Error as error:
        raise journal_error(error) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _no_room(copy) from None
        raise JournalReadOnly(f"The backup {copy} cannot be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _no_room(copy: Path) -> DiskFull:
    return DiskFull(f"The disk has no room for the backup {copy}.")
