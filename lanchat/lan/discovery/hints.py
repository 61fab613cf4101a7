"""What strangers say where rooms are: so many hints at most, of which each address has its fair part. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator

from lanchat.lan.discovery.records import FoundRoom

MAX_ROOMS = 200
"""Most of what the network says that is remembered: at least one room of each of so many nodes."""
MAX_ROOMS_PER_ADDRESS = 64
"""Most of them at one address."""


class Hints:
    """Hints by the full name of their instance. Iterate over it to get them, the oldest first.

    When there is no space, a new one takes the place of another where more is said of that one's address than of its
    own: who announces much only crowds out what else is said of the same addresses. What was asked about in vain
    gives way before that, or somebody could fill an address that is not theirs.

    Args:
        in_vain: says whether a hint's node was asked and did not answer.

    Attributes:
        leaving: instances of which somebody said that they go; they stay as long as their nodes say otherwise.
    """

    def __init__(self, in_vain: Callable[[FoundRoom], bool]) -> None:
        self._in_vain = in_vain
        self._hints: dict[str, FoundRoom] = {}
        self.leaving: set[str] = set()

    def __len__(self) -> int:
        return len(self._hints)

    def __contains__(self, instance: str) -> bool:
        return instance in self._hints

    def __iter__(self) -> Iterator[FoundRoom]:
        return iter(self._hints.values())

    @property
    def full(self) -> bool:
        """Whether a new one has to take another one's place."""
        return len(self._hints) >= MAX_ROOMS

    def get(self, instance: str) -> FoundRoom | None:
        """Return one hint; None when it is not remembered."""
        return self._hints.get(instance)

    def instances(self) -> list[tuple[str, FoundRoom]]:
        """Return the hints with the names of their instances."""
        return list(self._hints.items())

    def put(self, instance: str, hint: FoundRoom) -> bool:
        """Remember a hint if there is a place for it; one that is known is replaced. Returns whether it is there."""
        if instance not in self._hints:
            crowds = Counter(address for other in self._hints.values() for address in other.addresses)
            crowd = _crowd(crowds, hint)
            if crowd >= MAX_ROOMS_PER_ADDRESS or self.full:
                loser = self._loser(crowds, crowd, hint)
                if loser is None:
                    return False
                self.pop(loser)
        self._hints[instance] = hint
        self.leaving.discard(instance)
        return True

    def pop(self, instance: str) -> bool:
        """Forget a hint. Returns whether it was there."""
        self.leaving.discard(instance)
        return self._hints.pop(instance, None) is not None

    def clear(self) -> None:
        """Forget all of them."""
        self._hints.clear()
        self.leaving.clear()

    def _loser(self, crowds: Counter[str], crowd: int, hint: FoundRoom) -> str | None:
        """Return whose place it takes: in vain before others, then where the crowd is greatest, then the newest."""
        best, loser = (False, 0, 0), None
        for place, (instance, other) in enumerate(self._hints.items()):
            theirs = _crowd(crowds, other)
            beside = not set(other.addresses).isdisjoint(hint.addresses)
            if crowd >= MAX_ROOMS_PER_ADDRESS and not beside:
                continue
            vain = (beside or theirs > crowd) and self._in_vain(other)
            if (vain or theirs > crowd + 1) and (vain, theirs, place) > best:
                best, loser = (vain, theirs, place), instance
        return loser


def _crowd(crowds: Counter[str], hint: FoundRoom) -> int:
    return max((crowds[address] for address in hint.addresses), default=0)
