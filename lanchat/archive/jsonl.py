"""A room as JSON Lines."""

import contextlib
import hashlib
from pathlib import Path

import msgspec

from lanchat.archive.format import FORMAT, VERSION, EventLine, Header, Trailer
from lanchat.archive.pages import Cancelled, Progress, Stopped, pages, whole
from lanchat.journal import Reader
from lanchat.protocol import Event

_encoder = msgspec.json.Encoder()


def export_jsonl(reader: Reader, room: str, path: Path, progress: Progress, cancelled: Cancelled) -> int | None:
    """Write everything that is kept of a room into a file, edits and deletions as the events that they are.

    Args:
        reader: of the journal.
        room: its id.
        path: the file; one of that name is replaced.
        progress: told how many events are written, and of how many.
        cancelled: asked between two pages.

    Returns:
        How many events were written; None when it was cancelled, and then there is no file.

    Raises:
        NoSuchRoom: there is none.
        DiskFull, JobError: the file cannot be written.
        JournalError: the room cannot be read.
    """
    record = reader.room(room)
    count = max(0, reader.top(room) - reader.oldest(room) + 1)
    written, digest = 0, hashlib.sha256()
    with contextlib.suppress(Stopped), whole(path) as file:

        def write(lines: list[msgspec.Struct]) -> None:
            data = _encoder.encode_lines(lines)
            digest.update(data)
            file.write(data)

        write([Header(FORMAT, VERSION, room, record.name, record.home, count)])
        for run in pages(reader, room, progress, cancelled):
            write([_line(event) for event in run])
            written += len(run)
        write([Trailer(written, digest.hexdigest())])
        return written
    return None


def _line(event: Event) -> EventLine:
    return EventLine(event.seq, event.nonce, event.author, event.at, event.kind, event.body)
