"""Files that somebody says are exported rooms."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from lanchat.archive.formats import Archive, EventLine
from lanchat.archive.formats.fold import fold
from lanchat.errors import InvalidArchive
from lanchat.identity import room_name
from lanchat.protocol import Event

FOLDER = tempfile.TemporaryDirectory(prefix="lanchat-fuzz-")
"""One file for all: writing is what costs."""


def target(data: bytes) -> None:
    """Take the bytes for a file, as they are and with an end that fits. Only InvalidArchive is raised."""
    for whole in (data, _ended(data)):
        file = Path(FOLDER.name, f"{os.getpid()}.jsonl")
        file.write_bytes(whole)
        with contextlib.suppress(InvalidArchive), Archive(file) as archive:
            lines = list(archive.lines())
            assert len(lines) == archive.count
            assert room_name(archive.header.name) == archive.header.name
            fold([_event(line) for line in lines], [])


def _ended(data: bytes) -> bytes:
    """Return the lines with the trailer that they would have: a hash is not what is to be found."""
    body = data if data.endswith(b"\n") else data + b"\n"
    end = {"line": "end", "count": max(0, body.count(b"\n") - 1), "sha256": hashlib.sha256(body).hexdigest()}
    return body + msgspec.json.encode(end) + b"\n"


def _event(line: EventLine) -> Event:
    fields = {name: getattr(line, name) for name in EventLine.__struct_fields__}
    return Event(room="r", **fields | {"term": line.term or 1})
