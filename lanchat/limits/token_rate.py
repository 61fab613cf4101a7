"""How often something may happen: so many at once, and then so many a second."""

_NO_WAIT = 1e-6
"""A wait so short, in seconds, is an error of rounding."""


class TokenRate:
    """A token bucket that is one number: the time at which it will be full again.

    This is the virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A). Whoever has such a
    bucket keeps its number, 0 at first; the rate is shared by all that have the same. It knows no clock: whoever asks
    says what time it is.

    Args:
        a_second: tokens that come back in a second.
        at_once: most tokens in the bucket.
    """

    __slots__ = ("_each", "_slack")

    def __init__(self, a_second: float, at_once: float) -> None:
        self._each = 1.0 / a_second
        self._slack = at_once / a_second

    def after(self, full: float, now: float, cost: float = 1.0) -> float:
        """Return when the bucket will be full again once tokens are taken, whether they are there or not.

        Args:
            full: when it would be full without that.
            now: seconds of a clock that never goes back.
            cost: how many are taken.
        """
        return (max(now, full)) + cost * self._each

    def wait(self, full: float, now: float) -> float:
        """Return the seconds until everything that was taken is there; 0 when it was there already."""
        wait = full - now - self._slack
        return wait if wait > _NO_WAIT else 0.0
