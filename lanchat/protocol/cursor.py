"""The one rule of order, used at every hop: next, seen, or a hole (docs/protocol.md, Recovery)."""

from enum import Enum


class Admission(Enum):
    """What a receiver does with an event."""

    NEXT = "next"
    SEEN = "seen"
    HOLE = "hole"


# Python 3.11 takes long to look a member of an Enum up, and this happens for each member of a room and each message.
_NEXT, _SEEN, _HOLE = Admission.NEXT, Admission.SEEN, Admission.HOLE


class Cursor:
    """The last seq that one receiver of one room has handled.

    Args:
        seq: where to begin; 0 means nothing was handled yet.
    """

    __slots__ = ("seq",)

    def __init__(self, seq: int = 0) -> None:
        self.seq = seq

    def admit(self, first: int, last: int | None = None) -> Admission:
        """Say what to do with the events `first` to `last`, and move on when they are next.

        A run that begins at or before the cursor and ends after it is next as well: its seen part is to be dropped.

        Args:
            first: seq of the first event of a dense run.
            last: seq of its last event; `first` when not given.
        """
        last = first if last is None else last
        if last <= self.seq:
            return _SEEN
        if first > self.seq + 1:
            return _HOLE
        self.seq = last
        return _NEXT
