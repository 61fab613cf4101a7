"""The form of an exported room: JSON Lines, a header, one event a line, and a trailer.

The trailer has the number of events and the SHA-256 of all lines before it, so that a file that was cut or changed is
known as such. An event names the message that it is about by its nonce, because seqs are given anew where it is read
in.
"""

import msgspec

from lanchat.protocol import Author, Body, Kind, NodeInfo

FORMAT = "lanchat room"
VERSION = 1
MAX_LINE = 262_144
"""Longest line that is read, in bytes."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="line", tag="room"):
    """The first line: which room this is, and how many events it had."""

    format: str
    version: int
    room: str
    name: str
    home: NodeInfo
    count: int


class EventLine(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="line", tag="event", omit_defaults=True
):
    """One event. `about` is the nonce of the message that it is about."""

    seq: int
    nonce: str
    author: Author
    at: int
    kind: Kind
    body: Body
    about: str = ""


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="line", tag="end"):
    """The last line: how many events there are, and the SHA-256 of all bytes before this line, in hexadecimal."""

    count: int
    sha256: str
