"""What a history answers."""

from collections.abc import Sequence
from typing import NamedTuple

from lanchat.layers.history.position import Position
from lanchat.layers.message import MOST_BYTES, Message

MOST_ENTRIES = 1_000
"""Most messages of one page."""
PAGE_BYTES = MOST_BYTES
"""Bytes of messages with which a page is full, as they are written; one message at least is in it."""


class HistoryEntry(NamedTuple):
    """One message of a history.

    Attributes:
        seq: its number.
        at: when it was sent, in seconds since 1970, by the clock of whoever numbers: this process, or Redis.
        message: what was sent. Read-only.
    """

    seq: int
    at: float
    message: Message


class HistoryPage(NamedTuple):
    """The messages behind a position, as far as they go into one page.

    Attributes:
        entries: without gaps, the oldest first.
        epoch: which history they are of.
        top: number of the newest message; 0 when there was none yet.
        start_over: what the reader knew has no place in this history, or is so long ago that some of it is gone: this
            page begins with the oldest message that there is.
        missed: how many messages are gone between what the reader knew and this page; None when nobody can know.
    """

    entries: Sequence[HistoryEntry]
    epoch: str
    top: int
    start_over: bool = False
    missed: int | None = 0

    @property
    def position(self) -> Position:
        """Where whoever has handled this page is."""
        return Position(self.epoch, self.entries[-1].seq if self.entries else self.top)

    @property
    def more(self) -> bool:
        """Whether there are messages behind this page."""
        return self.position.seq < self.top


def where(since: Position | None, epoch: str, oldest: int, top: int) -> tuple[int, bool, int | None]:
    """Say where a page begins.

    Args:
        since: how far the reader is; None at the beginning of all that there is.
        epoch: which history there is.
        oldest: number of the oldest message that is kept, or of the next one where none is.
        top: number of the newest one.

    Returns:
        The number behind which the page begins, whether the reader starts over, and how many messages they missed.
    """
    if since is None:
        return oldest - 1, False, 0
    if since.epoch != epoch or since.seq > top:
        return oldest - 1, True, None
    if since.seq < oldest - 1:
        return oldest - 1, True, oldest - 1 - since.seq
    return since.seq, False, 0
