"""What the layer's group of a room carries, and events as pieces that every layer can carry. Pure.

There are five types of message: `room.events` (`first`: seq of the first, `frames`: the encoded events as people are
sent them, dense and in order, and where links are in the room `signatures` and `vouchers`: those of each), `room.frame`
(`frame`: something not kept: presence, typing), `room.refused` (`author`: id of a person, `frame`: why a post of theirs
was refused), `room.policy` (`frame`: what holds from now on) and `room.line` (`text`: for those who read plain text).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from lanchat.identity import shown
from lanchat.protocol import Event, Policy, encode

MOST_BYTES = 256 * 1024
"""Most bytes of events in one message; layers carry up to 1 MiB, and an outbox holds half of that."""


def runs(events: Sequence[Event], policy: Policy) -> Iterator[tuple[Sequence[Event], list[bytes]]]:
    """Cut a dense run of events into runs of bounded size: the events, and how people are sent them, encoded."""
    first, size = 0, 0
    frames: list[bytes] = []
    for place, event in enumerate(events):
        frame = encode(shown(policy.veiled(event)))
        if frames and size + len(frame) > MOST_BYTES:
            yield events[first:place], frames
            first, size, frames = place, 0, []
        frames.append(frame)
        size += len(frame)
    yield events[first:], frames


def messages(room: str, events: Sequence[Event], policy: Policy, *, signed: bool) -> Iterator[dict[str, Any]]:
    """Give the messages that bring a dense run of events of a room to everybody in it.

    Args:
        room: its id.
        events: the run.
        policy: says what is hidden of it. A mirror may know that before it has the words.
        signed: whether links listen, which are sent signatures.
    """
    for run, frames in runs(events, policy):
        message = {"type": "room.events", "room": room, "first": run[0].seq, "frames": frames}
        if signed:
            message["signatures"] = [event.signature for event in run]
            message["vouchers"] = [event.voucher for event in run]
        yield message
