"""What of a room's history goes into one frame: a run, and what was said later about its messages, in bounded bytes."""

from collections.abc import Sequence
from typing import NamedTuple

from lanchat.identity import shown
from lanchat.journal import Journal
from lanchat.protocol import MAX_SENT, Event, encode

PAGE_BYTES = MAX_SENT - 1_024
"""Most bytes of events in one page, those in `later` among them; the rest is for what is around them."""


class Excerpt(NamedTuple):
    """A dense run of events, and the edits, reactions and deletions of its messages that are not in it."""

    events: list[Event]
    later: list[Event]


async def excerpt(journal: Journal, events: Sequence[Event], place: int) -> Excerpt:
    """Return a run of `events`, as long as it fits into a page with what was said later about it, and never empty.

    What was said about one message always fits, but for the oldest of very many reactions (`MAX_REACTIONS`).

    Args:
        journal: knows what was said later.
        events: of one room, a dense run.
        place: index of the event that has to be there.
    """
    run, place = fit(events, place)
    while run:
        later = await journal.later(run[0].room, run, PAGE_BYTES - sum(map(size_of, run)))
        if later.whole or len(run) == 1:
            return Excerpt(run, [shown(event) for event in later.events])
        run, place = _half(run, place)
    return Excerpt([], [])


def fit(events: Sequence[Event], place: int) -> tuple[list[Event], int]:
    """Return the run around `events[place]` that fills a page at most, and the place of that event in it.

    It grows on both sides in turn, as far as there is something; it is never empty unless there are no events.
    """
    if not events:
        return [], 0
    first, end = place, place + 1
    size = size_of(events[place])
    down = up = True
    while down or up:
        if down := down and first > 0 and (grown := size + size_of(events[first - 1])) <= PAGE_BYTES:
            first, size = first - 1, grown
        if up := up and end < len(events) and (grown := size + size_of(events[end])) <= PAGE_BYTES:
            end, size = end + 1, grown
    return list(events[first:end]), place - first


def size_of(event: Event) -> int:
    """Return how many bytes of a frame an event takes."""
    return len(encode(event)) + 1


def _half(run: Sequence[Event], place: int) -> tuple[list[Event], int]:
    """Return half of a run, the nearer half on each side of `run[place]`."""
    before, behind = place // 2, (len(run) - place - 1) // 2
    return list(run[place - before : place + 1 + behind]), before
