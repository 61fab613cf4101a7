"""Events of one room as pieces that every layer can carry. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lanchat.protocol import Event, encode

MOST_BYTES = 256 * 1024
"""Most bytes of events in one message; layers carry up to 1 MiB, and an outbox holds half of that."""


def runs(events: Sequence[Event], ready: Callable[[Event], Event]) -> Iterator[tuple[Sequence[Event], list[bytes]]]:
    """Cut a dense run of events into runs of bounded size.

    Args:
        events: the run.
        ready: returns an event as people are sent it.

    Yields:
        Some of the events, and each of them ready and encoded.
    """
    first, size = 0, 0
    frames: list[bytes] = []
    for place, event in enumerate(events):
        frame = encode(ready(event))
        if frames and size + len(frame) > MOST_BYTES:
            yield events[first:place], frames
            first, size, frames = place, 0, []
        frames.append(frame)
        size += len(frame)
    yield events[first:], frames


def messages(
    room: str, events: Sequence[Event], ready: Callable[[Event], Event], *, signed: bool
) -> Iterator[dict[str, Any]]:
    """Give the messages that bring a dense run of events of a room to everybody in it: see `Room`.

    Args:
        room: its id.
        events: the run.
        ready: returns an event as people are sent it.
        signed: whether links listen, which are sent signatures.
    """
    for run, frames in runs(events, ready):
        message = {"type": "room.events", "room": room, "first": run[0].seq, "frames": frames}
        if signed:
            message["signatures"] = [event.signature for event in run]
            message["vouchers"] = [event.voucher for event in run]
        yield message
