"""What somebody signs who says something: the same bytes at every node, whatever the JSON around it looks like."""

from lanchat.protocol import Author, Body, Kind

_EVENT = "lanchat event 1"
_OWNER = "lanchat owner 1"
_BALLOT = "lanchat vote 1"
_CARRIAGE = "lanchat carry 1"


def statement(  # noqa: PLR0917 - its fields in their order
    room: str, nonce: str, kind: Kind, body: Body, author: Author, voucher: str = ""
) -> bytes:
    """Return the bytes under which stands the signature of an author, or of the person `voucher` who vouches for one.

    What the home of a room gives to an event is not in it: seq, term and time. `room` is where it was said, whichever
    room that one goes on as.
    """
    return measured(
        _EVENT,
        room,
        nonce,
        kind,
        body.text,
        body.target,
        body.emoji,
        "off" if body.off else "",
        author.id,
        author.nick,
        voucher,
    )


def ownership(node: str) -> bytes:
    """Return the bytes under which stands the signature of the person whose node has this id."""
    return measured(_OWNER, node)


def ballot(room: str, term: int, voter: str, candidate: str) -> bytes:
    """Return the bytes under which stands the signature of the person whose node votes for another in a term."""
    return measured(_BALLOT, room, str(term), voter, candidate)


def carriage(room: str, digest: str) -> bytes:
    """Return the bytes under which stands the signature of who has written a room into a file of this SHA-256."""
    return measured(_CARRIAGE, room, digest)


def measured(*fields: str) -> bytes:
    """Return fields one after the other, before each its length in bytes (4 of them, big-endian).

    So no two lists of fields give the same bytes.
    """
    parts: list[bytes] = []
    for field in fields:
        data = field.encode("utf-8", "surrogatepass")
        parts += (len(data).to_bytes(4, "big"), data)
    return b"".join(parts)
