"""A room as JSON Lines."""

import hashlib
from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from lanchat.archive.formats.lines import FORMAT, VERSION, EventLine, Header, Trailer
from lanchat.journal import Reader, RoomRecord
from lanchat.protocol import Event

_encoder = msgspec.json.Encoder()


def write_jsonl(reader: Reader, room: RoomRecord, pages: Iterable[list[Event]], file: BinaryIO) -> int:
    """Write a room's events, edits and deletions as the events that they are; return how many there were."""
    count = max(0, reader.top(room.id) - reader.oldest(room.id) + 1)
    written, digest = 0, hashlib.sha256()

    def write(lines: list[msgspec.Struct]) -> None:
        data = _encoder.encode_lines(lines)
        digest.update(data)
        file.write(data)

    write([Header(FORMAT, VERSION, room.id, room.name, room.home, count)])
    for page in pages:
        write([_line(event) for event in page])
        written += len(page)
    write([Trailer(written, digest.hexdigest())])
    return written


def _line(event: Event) -> EventLine:
    return EventLine(
        event.seq, event.nonce, event.author, event.at, event.kind, event.body, event.signature, event.voucher
    )
