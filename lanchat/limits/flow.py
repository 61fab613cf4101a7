"""What comes in on one connection, before anybody looks at what it says."""

from lanchat.limits.allowance import Addresses, Allowance

_HEAD = 8
"""Bytes that a frame is longer than what it says, about."""


class Flow:
    """Counts frames and bytes. Nothing is refused: what comes too fast is read later.

    Args:
        addresses: what each address may.
        address: where the connection comes from.
    """

    __slots__ = ("_mine", "_ours")

    def __init__(self, addresses: Addresses, address: str) -> None:
        self._mine = Allowance(addresses.limits)
        self._ours = addresses.of(address)

    def take(self, size: int, now: float) -> float:
        """Count a frame, and return the seconds until the next one may be read.

        Args:
            size: what it says, in bytes.
            now: seconds of a clock that never goes back.
        """
        whole = size + _HEAD
        return max(
            self._mine.bucket("frame").spend(now),
            self._mine.bucket("byte").spend(now, whole),
            self._ours.bucket("frame").spend(now),
            self._ours.bucket("byte").spend(now, whole),
        )
