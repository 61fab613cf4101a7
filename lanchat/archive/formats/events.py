"""Events as the lines of an exported room, and back."""

from lanchat.archive.formats.lines import EventLine
from lanchat.protocol import Event


def line_of(event: Event) -> EventLine:
    """Return the line that says an event."""
    return EventLine(
        event.seq,
        event.nonce,
        event.author,
        event.at,
        event.kind,
        event.body,
        event.signature,
        event.voucher,
        event.term,
        event.apart,
    )


def event_of(room: str, line: EventLine) -> Event:
    """Return the event of a room that a line says."""
    return Event(
        room=room,
        seq=line.seq,
        term=line.term,
        nonce=line.nonce,
        author=line.author,
        at=line.at,
        kind=line.kind,
        body=line.body,
        signature=line.signature,
        voucher=line.voucher,
        apart=line.apart,
    )
