"""Events of one room as pieces that every layer can carry. Pure."""

from collections.abc import Iterator, Sequence

from lanchat.protocol import Event, encode

MOST_BYTES = 256 * 1024
"""Most bytes of events in one message; layers carry up to 1 MiB, and an outbox holds half of that."""


def runs(events: Sequence[Event]) -> Iterator[tuple[int, list[bytes]]]:
    """Cut a dense run of events into runs of bounded size: the seq of the first, and the encoded events."""
    first, size = events[0].seq, 0
    frames: list[bytes] = []
    for event in events:
        frame = encode(event)
        if frames and size + len(frame) > MOST_BYTES:
            yield first, frames
            first, size, frames = event.seq, 0, []
        frames.append(frame)
        size += len(frame)
    yield first, frames
