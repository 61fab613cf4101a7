"""A room out into a file, which is whole or not there at all."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from functools import partial
from typing import Literal

import msgspec

from lanchat.archive.formats import write_html, write_jsonl
from lanchat.archive.progress import Progress
from lanchat.archive.store import ExportTarget, make_private
from lanchat.errors import DiskFull, JobError
from lanchat.identity import Seal
from lanchat.journal import Reader
from lanchat.protocol import Event

PAGE = 500
"""Events that are held at a time."""
ArchiveFormat = Literal["jsonl", "html"]


class Exported(msgspec.Struct, frozen=True):
    """What came of an export. As a string it is the sentence that a person reads.

    Attributes:
        count: how many events were written.
        path: the file, as a person reads it.
    """

    count: int
    path: str

    def __str__(self) -> str:
        return f"{self.count} {'entry is' if self.count == 1 else 'entries are'} in {self.path}."


def export_room(
    reader: Reader, room: str, archive_format: ArchiveFormat, target: ExportTarget, progress: Progress, *, seal: Seal
) -> Exported:
    """Write everything that is kept of a room into a file.

    Args:
        reader: of the journal.
        room: its id.
        archive_format: `jsonl` to read it in again, `html` to look at.
        target: where the file goes.
        progress: stepped after each page of events.
        seal: signs what was said at this node.

    Raises:
        Cancelled: it was cancelled; there is no file then, as after any other error.
        NoSuchRoom: there is none of this id.
        DiskFull: the disk has no room for the file.
        JobError: nothing can be written there.
        JournalError: the room cannot be read.
    """
    record = reader.room(room)
    draft = None
    try:
        draft = target.draft()
        with make_private(draft).open("wb") as file:
            write = partial(write_jsonl, seal=seal) if archive_format == "jsonl" else write_html
            count = write(reader, record, pages(reader, room, seal, progress), file)
            file.flush()
            os.fsync(file.fileno())
        progress.check()
        path = target.publish(draft, f"{record.name} {time.strftime('%Y-%m-%d')}", f".{archive_format}")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk has no room for {target}.") from None
        raise JobError(f"Writing {target} failed: {error.strerror or error}.") from None
    finally:
        if draft is not None:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
    return Exported(count, str(path))


def pages(reader: Reader, room: str, seal: Seal, progress: Progress) -> Iterator[list[Event]]:
    """Return what is said in a room now, signed, page by page, ascending. Raises Cancelled between two pages."""
    top, seq = reader.top(room), reader.oldest(room) - 1
    total, done = top - seq, 0
    progress.step(0, total)
    while seq < top:
        run = reader.after(room, seq, min(PAGE, top - seq))
        if not run:
            return
        yield [seal.leaving(event) for event in run]
        seq = run[-1].seq
        done += len(run)
        progress.step(done, total)
