"""When a node goes on with a room by itself, though too few of those who decide can be reached."""

from collections.abc import Iterable

TURN = 4.0
"""Seconds that a voter waits longer for each other one that goes first: by then it has heard of it, and joins it."""


class Patience:
    """Knows for how long nobody numbers a room, as far as that is known here."""

    def __init__(self) -> None:
        self._since: float | None = None

    def ends(self, now: float, *, numbered: bool, after: float, turn: int) -> bool:
        """Return whether this node goes on by itself now; the time begins anew with that.

        Args:
            now: the time, in seconds, of a clock that only goes forward.
            numbered: whether somebody numbers the room.
            after: seconds to wait for that; 0 for ever.
            turn: how many others who wait as well go first.
        """
        if numbered or not after:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < after + turn * TURN:
            return False
        self._since = None
        return True


def turn_of(me: str, voters: Iterable[str], here: Iterable[str]) -> int:
    """Return how many of the voters that can be heard go first: those of the smaller ids."""
    heard = set(here)
    return sum(voter < me for voter in voters if voter in heard)
