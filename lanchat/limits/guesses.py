"""How often somebody may guess: a few wrong passphrases in a while, then a pause that doubles."""

from collections import OrderedDict, deque
from math import ceil

from lanchat.errors import SlowDown
from lanchat.limits.numbers import Limits

MOST_KEYS = 4096
"""Rooms and addresses that are remembered; the one that was quiet for longest is forgotten first."""
LONGEST = 3600.0
"""Longest pause, in seconds."""


class Guesses:
    """Counts wrong passphrases: of each address, and of each room whoever guesses. It knows no clock.

    A guess is counted when it begins, so that one that is broken off counts as well, and taken back when it was right.

    Args:
        limits: how many, in what time, and how long the first pause is.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tallies: OrderedDict[tuple[str, str], _Tally] = OrderedDict()

    def begin(self, room: str, address: str, now: float) -> bool:
        """Count a guess.

        Args:
            room: what is guessed.
            address: where it comes from.
            now: seconds of a clock that never goes back.

        Returns:
            Whether this guess was the last one before a pause.

        Raises:
            SlowDown: there were too many; the sentence says when the next one may be.
        """
        theirs, ours = self._tally("", address), self._tally(room, "")
        if wait := max(theirs.wait(now), ours.wait(now)):
            raise SlowDown(f"Too many wrong passphrases; try again in {ceil(wait)} seconds.")
        limits = self._limits
        paused = theirs.add(now, limits.guesses_per_address, limits)
        return ours.add(now, limits.guesses_per_room, limits) or paused

    def right(self, room: str, address: str) -> None:
        """Take the last guess back: it was right. The wrong ones before it stay counted."""
        self._tally("", address).take_back()
        self._tally(room, "").take_back()

    def _tally(self, room: str, address: str) -> "_Tally":
        key = (room, address)
        found = self._tallies.setdefault(key, _Tally())
        self._tallies.move_to_end(key)
        if len(self._tallies) > MOST_KEYS:
            self._tallies.popitem(last=False)
        return found


class _Tally:
    """The guesses of one side: when they were, and how long nobody may guess."""

    __slots__ = ("_at", "_pauses", "_pausing", "_until")

    def __init__(self) -> None:
        self._at: deque[float] = deque()
        self._pauses = 0
        self._pausing = False
        self._until = float("-inf")

    def wait(self, now: float) -> float:
        return max(0.0, self._until - now)

    def add(self, now: float, most: int, limits: Limits) -> bool:
        """Count one, and begin a pause when there are too many; each that follows soon is twice as long."""
        while self._at and now - self._at[0] >= limits.guess_seconds:
            self._at.popleft()
        if now - self._until >= limits.guess_seconds:
            self._pauses = 0
        self._at.append(now)
        self._pausing = len(self._at) >= most
        if self._pausing:
            self._until = now + min(LONGEST, limits.guess_pause * 2**self._pauses)
            self._pauses += 1
        return self._pausing

    def take_back(self) -> None:
        if self._at:
            self._at.pop()
        if self._pausing:  # it was the one that began the pause
            self._pausing = False
            self._pauses -= 1
            self._until = float("-inf")
