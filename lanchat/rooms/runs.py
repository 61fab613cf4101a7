"""Events of one room as pieces that every layer can carry. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from lanchat.identity import shown
from lanchat.protocol import Event, encode

MOST_BYTES = 256 * 1024
"""Most bytes of events in one message; layers carry up to 1 MiB, and an outbox holds half of that."""


def runs(events: Sequence[Event]) -> Iterator[tuple[Sequence[Event], list[bytes]]]:
    """Cut a dense run of events into runs of bounded size: the events, and how people are sent them, encoded."""
    first, size = 0, 0
    frames: list[bytes] = []
    for place, event in enumerate(events):
        frame = encode(shown(event))
        if frames and size + len(frame) > MOST_BYTES:
            yield events[first:place], frames
            first, size, frames = place, 0, []
        frames.append(frame)
        size += len(frame)
    yield events[first:], frames


def messages(room: str, events: Sequence[Event], *, for_links: bool) -> Iterator[dict[str, Any]]:
    """Return the messages that bring a dense run of events of a room to everybody in it: see `Room`."""
    for run, frames in runs(events):
        message = {"type": "room.events", "room": room, "first": run[0].seq, "frames": frames}
        if for_links:
            message["signatures"] = [event.signature for event in run]
            message["vouchers"] = [event.voucher for event in run]
        yield message
