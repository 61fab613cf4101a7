"""What somebody signs who says something: the same bytes at every node, whatever the JSON around it looks like."""

from lanchat.protocol import Author, Body, Kind

_FORM = "lanchat event 1"


def statement(room: str, nonce: str, kind: Kind, body: Body, author: Author) -> bytes:
    """Return the bytes under which an author's signature stands.

    Before each field stands its length in bytes (4 of them, big-endian), so that no two events have the same statement.
    What the home of a room gives to an event is not in it: seq, term and time.
    """
    fields = (
        _FORM,
        room,
        nonce,
        kind,
        body.text,
        body.target,
        body.emoji,
        "off" if body.off else "",
        author.id,
        author.nick,
    )
    return measured(*fields)


def measured(*fields: str) -> bytes:
    """Return fields one after the other, before each its length in bytes (4 of them, big-endian)."""
    parts: list[bytes] = []
    for field in fields:
        data = field.encode("utf-8", "surrogatepass")
        parts += (len(data).to_bytes(4, "big"), data)
    return b"".join(parts)
