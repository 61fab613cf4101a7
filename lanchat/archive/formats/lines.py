"""The form of an exported room: JSON Lines, a header, one event a line, and a trailer.

The trailer has the number of events and the SHA-256 of all lines before it, so that a file that was cut or changed is
known as such. Seqs are given anew where it is read in; an event is known by its nonce, and its author by the signature.
"""

import msgspec

from lanchat.protocol import Author, Body, Kind, NodeInfo

FORMAT = "lanchat room"
VERSION = 4
MAX_LINE = 262_144
"""Longest line that is read, in bytes."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="line", tag="room"):
    """The first line: which room this is, how many events it had; from version 4 on its term, and who opened it."""

    format: str
    version: int
    room: str
    name: str
    home: NodeInfo
    count: int
    term: int = 0
    owner: str = ""
    salt: str = ""


class EventLine(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="line", tag="event"
):
    """One event. Signature and voucher are there from version 3 on, where there are any; the term from version 4 on."""

    seq: int
    nonce: str
    author: Author
    at: int
    kind: Kind
    body: Body
    signature: str = ""
    voucher: str = ""
    term: int = 0
    apart: bool = False


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="line", tag="end"):
    """The last line: how many events there are, and the SHA-256 of all bytes before this line, in hexadecimal.

    From version 4 on it says who has written the file, and is signed by them (`identity.carriage`).
    """

    count: int
    sha256: str
    by: str = ""
    signature: str = ""


class FirstBody(msgspec.Struct, frozen=True):
    """What an event says in version 1: `target` is a seq."""

    text: str = ""
    target: int = 0
    emoji: str = ""
    off: bool = False


class FirstEventLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="line", tag="event"):
    """One event in version 1. `about` is the nonce of the message that it is about, if that was kept."""

    seq: int
    nonce: str
    author: Author
    at: int
    kind: Kind
    body: FirstBody
    about: str = ""

    def today(self) -> EventLine:
        """Return the line of today; what is about a message that was not kept names itself, and so no message."""
        target = "" if self.kind == "message" else self.about or self.nonce
        body = Body(text=self.body.text, target=target, emoji=self.body.emoji, off=self.body.off)
        return EventLine(self.seq, self.nonce, self.author, self.at, self.kind, body)
