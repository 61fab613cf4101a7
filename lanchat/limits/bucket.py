"""How often something may happen: a bucket that each time takes a token from, and that fills again with time."""


class TokenBucket:
    """So many at once, and then so many a second. It knows no clock: whoever asks says what time it is.

    Args:
        rate: tokens that come back in a second.
        burst: most tokens in it; it begins full.
    """

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = float("-inf")

    def take(self, now: float, cost: float = 1.0) -> float:
        """Take tokens, if they are there.

        Args:
            now: seconds of a clock that never goes back.
            cost: how many.

        Returns:
            0 when they were taken; else the seconds until they are there.
        """
        self._fill(now)
        if self._tokens >= cost:
            self._tokens -= cost
            return 0.0
        return (cost - self._tokens) / self._rate

    def spend(self, now: float, cost: float = 1.0) -> float:
        """Take tokens, also those that are not there yet, and return the seconds until they would be."""
        self._fill(now)
        self._tokens -= cost
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
