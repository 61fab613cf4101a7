"""Slow mode: how long somebody waits between two messages, and what was counted already."""

from collections.abc import Callable
from math import ceil
from typing import TypeVar

from lanchat.errors import LimitReached, SlowMode
from lanchat.limits import TokenRate

HELD = 20
"""Messages of one person that a link may bring at once in slow mode: they waited while the home was away."""
MOST = 1_024
"""People and messages that are remembered; the one that came first is forgotten first."""

K = TypeVar("K")
V = TypeVar("V")


class Pace:
    """Counts the messages of one room in slow mode.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._full: dict[tuple[str, bool], float] = {}
        self._counted: dict[str, None] = {}

    def restart(self) -> None:
        """Let everybody begin anew, because the pause is another one now."""
        self._full.clear()

    def keep(self, person: str, seconds: int, nonce: str, *, link: bool) -> None:
        """Count a message, once however often it is said.

        Args:
            person: whose it is.
            seconds: the pause between two.
            nonce: its own.
            link: whether another node brings it, perhaps long after it was said.

        Raises:
            SlowMode: they said something just now.
            LimitReached: more of them waited at another node than go through.
        """
        if nonce in self._counted:
            return
        rate = TokenRate(1 / seconds, HELD if link else 1)
        now = self._clock()
        full = rate.after(self._full.get((person, link), 0.0), now)
        if not (wait := rate.wait(full, now)):
            put_last(self._full, (person, link), full)
            put_last(self._counted, nonce, None)
        elif link:  # what waited is not sent again and again: its author is told
            raise LimitReached("This room is in slow mode, and more of you waited than it takes.")
        else:
            raise SlowMode(f"This room is in slow mode; you may write again in {ceil(wait)} seconds.")


def put_last(table: dict[K, V], key: K, value: V) -> None:
    """Remember something, and forget what came first when there is too much."""
    table.pop(key, None)
    table[key] = value
    if len(table) > MOST:
        del table[next(iter(table))]
