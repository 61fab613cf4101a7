"""How an export goes through a room, and how its file comes to be: whole, or not at all."""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from lanchat.errors import DiskFull, JobError
from lanchat.journal import Reader
from lanchat.protocol import Event

PAGE = 500
"""Events that are held at a time."""
Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""
Cancelled = Callable[[], bool]
"""Asked between two pages whether to stop."""


class Stopped(Exception):
    """Somebody cancelled the work; what there was of the file is gone."""


def pages(reader: Reader, room: str, progress: Progress, cancelled: Cancelled) -> Iterator[list[Event]]:
    """Return what is said in a room now, page by page, ascending.

    Raises:
        Stopped: `cancelled` said so.
    """
    top, seq = reader.top(room), reader.oldest(room) - 1
    total, done = top - seq, 0
    progress(0, total)
    while seq < top:
        if cancelled():
            raise Stopped
        run = reader.after(room, seq, min(PAGE, top - seq))
        if not run:
            return
        yield run
        seq = run[-1].seq
        done += len(run)
        progress(done, total)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file that stands under its name only when the block is done.

    Raises:
        DiskFull: there is no room for it.
        JobError: nothing can be written there.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk has no room for {path}.") from None
        raise JobError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
