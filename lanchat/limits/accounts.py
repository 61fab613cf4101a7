"""What each of many has used up: people, addresses, rooms."""

from array import array
from collections.abc import Mapping

from lanchat.limits.token_rate import TokenRate

MOST = 16_384
"""Most that are remembered at once; beyond it those that came first are forgotten."""
_FEW = 64


class Accounts:
    """Buckets of several kinds for each of many, by key. Whose buckets are all full again is forgotten.

    Args:
        rates: what there is of each kind.
    """

    def __init__(self, rates: Mapping[str, TokenRate]) -> None:
        self._rates = {kind: (place, rate) for place, (kind, rate) in enumerate(rates.items())}
        self._empty = array("d", bytes(8 * len(rates)))
        self._full: dict[str, array[float]] = {}
        self._look = _FEW

    def __len__(self) -> int:
        return len(self._full)

    def __contains__(self, kind: str) -> bool:
        return kind in self._rates

    def take(self, key: str, kind: str, now: float, cost: float = 1.0) -> float:
        """Take tokens, if they are there.

        Args:
            key: whose.
            kind: of which kind.
            now: seconds of a clock that never goes back.
            cost: how many.

        Returns:
            0 when they were taken; else the seconds until they are there.
        """
        return self._draw(key, kind, now, cost, beyond=False)

    def spend(self, key: str, kind: str, now: float, cost: float = 1.0) -> float:
        """Take tokens, also those that are not there yet, and return the seconds until they would be: as `take`."""
        return self._draw(key, kind, now, cost, beyond=True)

    def _draw(self, key: str, kind: str, now: float, cost: float, *, beyond: bool) -> float:
        place, rate = self._rates[kind]
        theirs = self._full.get(key, self._empty)
        full = rate.after(theirs[place], now, cost)
        wait = rate.wait(full, now)
        if beyond or not wait:
            if theirs is self._empty:
                theirs = self._full[key] = self._empty[:]
                if len(self._full) > self._look:
                    self._forget(now)
            theirs[place] = full
        return wait

    def _forget(self, now: float) -> None:
        """Forget whose buckets are full: they would begin just so. What is left decides when it is looked again."""
        owing = {key: theirs for key, theirs in self._full.items() if max(theirs) > now}
        newest = next(reversed(self._full))
        owing[newest] = self._full[newest]  # about to be charged
        for key in list(owing)[: max(0, len(owing) - MOST // 2)] if len(owing) > MOST else ():
            del owing[key]
        self._full = owing
        self._look = max(_FEW, min(2 * len(owing), MOST))
