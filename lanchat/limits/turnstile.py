"""Who may connect: so many at once, and of each address so many at once and so many a second."""

from collections import Counter
from collections.abc import Callable

from lanchat.limits.allowance import Addresses


class Turnstile:
    """Counts the connections of one door.

    Args:
        most: so many at once.
        each: so many at once of one address.
        addresses: bounds how many a second each address begins; None bounds nothing.
        speaks_for_others: whether at an address there is a proxy, so that it says nothing of who comes.
    """

    def __init__(
        self,
        most: int,
        each: int,
        addresses: Addresses | None = None,
        speaks_for_others: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._most = most
        self._each = each
        self._addresses = addresses
        self._speaks_for_others = speaks_for_others
        self._inside: Counter[str] = Counter()
        self._all = 0

    def __len__(self) -> int:
        return self._all

    def enter(self, address: str, now: float) -> bool:
        """Let a connection in, if there is a place for it.

        Args:
            address: where it comes from.
            now: seconds of a clock that never goes back.

        Returns:
            False when it has to go.
        """
        proxy = self._speaks_for_others(address)
        full = self._all >= self._most or (not proxy and self._inside.get(address, 0) >= self._each)
        if self._addresses is not None and not proxy and (full or self._addresses.each.take(address, "handshake", now)):
            self._addresses.traces.note(address, "turned_away")
            return False
        if full:
            return False
        self._inside[address] += 1
        self._all += 1
        return True

    def leave(self, address: str) -> None:
        """Note that a connection which was let in has ended."""
        self._all -= 1
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]
