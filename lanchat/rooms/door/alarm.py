"""Guesses at passphrases: too many are refused, and the person of the node is told, at once and then seldom."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from lanchat.limits import Guesses, Limits

PAUSE = 600.0
"""Seconds between two notices, whatever is guessed in between."""
_MOST_ADDRESSES = 1_000
_MOST_NAMED = 3


class Alarm:
    """Counts wrong passphrases at all rooms of a node, and tells of many in one sentence.

    Args:
        tell: tells a sentence; it must not wait.
        limits: how many are too many.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._guesses = Guesses(limits or Limits())
        self._clock = clock
        self._rooms: Counter[str] = Counter()
        self._addresses: set[str] = set()
        self._pressing = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, room: str, name: str, address: str) -> None:
        """Count a guess, until it turns out to be right. Told is only of so many that no more are taken for a while.

        Args:
            room: id of the room.
            name: how it is called.
            address: where the guess comes from.

        Raises:
            SlowDown: there were too many.
        """
        pressing = self._guesses.begin(room, address, self._clock())
        self._rooms[name] += 1
        if len(self._addresses) < _MOST_ADDRESSES:
            self._addresses.add(address)
        self._pressing = self._pressing or pressing
        if self._pressing and self._timer is None:
            self._report()

    def right(self, room: str, name: str, address: str) -> None:
        """Take the last one back: it was right."""
        self._guesses.right(room, address)
        self._rooms[name] -= 1

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _report(self) -> None:
        rooms = +self._rooms
        named = [f"{count} at {room!r}" for room, count in rooms.most_common(_MOST_NAMED)]
        others = rooms.total() - sum(count for _, count in rooms.most_common(_MOST_NAMED))
        named += [f"{others} at other rooms"] * bool(others)
        places = f"{len(self._addresses)} addresses" if len(self._addresses) > 1 else "one address"
        self._tell(
            f"Many wrong passphrases were tried, {', '.join(named)}, from {places}. After a few wrong ones no more are "
            "taken from there for a while; a longer passphrase, or invitations instead of one, cannot be guessed."
        )
        self._rooms.clear()
        self._addresses.clear()
        self._pressing = False
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        if self._pressing:
            self._report()
