"""A room as JSON Lines."""

import hashlib
from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from lanchat.archive.formats.events import line_of
from lanchat.archive.formats.lines import FORMAT, VERSION, Header, Trailer
from lanchat.identity import Seal
from lanchat.journal import Reader, RoomRecord
from lanchat.protocol import Event

_encoder = msgspec.json.Encoder()


def write_jsonl(reader: Reader, room: RoomRecord, pages: Iterable[list[Event]], file: BinaryIO, *, seal: Seal) -> int:
    """Write a room's events, edits and deletions as the events that they are; return how many there were.

    The file is signed by the person of this node.
    """
    count = max(0, reader.top(room.id) - reader.oldest(room.id) + 1)
    written, digest = 0, hashlib.sha256()

    def write(lines: list[msgspec.Struct]) -> None:
        data = _encoder.encode_lines(lines)
        digest.update(data)
        file.write(data)

    write([Header(FORMAT, VERSION, room.id, room.name, room.home, count, room.term, room.owner, room.salt)])
    for page in pages:
        write([line_of(event) for event in page])
        written += len(page)
    end = digest.hexdigest()
    write([Trailer(written, end, seal.id, seal.carry(room.id, end))])
    return written
