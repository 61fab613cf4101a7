"""What comes in on one connection, before anybody looks at what it says."""

from lanchat.limits.allowance import Addresses
from lanchat.limits.bucket import TokenBucket

_HEAD = 8
"""Bytes that a frame is longer than what it says, about."""


class Flow:
    """Counts frames and bytes. Nothing is refused: what comes too fast is read later.

    Args:
        addresses: what each address may.
        address: where the connection comes from.
    """

    __slots__ = ("_bytes", "_frames", "_ours")

    def __init__(self, addresses: Addresses, address: str) -> None:
        limits = addresses.limits
        self._frames = TokenBucket(limits.frame_rate, limits.frame_burst)
        self._bytes = TokenBucket(limits.byte_rate, limits.byte_burst)
        self._ours = addresses.of(address)

    def take(self, size: int, now: float) -> float:
        """Count a frame, and return the seconds until the next one may be read.

        Args:
            size: what it says, in bytes.
            now: seconds of a clock that never goes back.
        """
        whole = size + _HEAD
        return max(
            self._frames.spend(now),
            self._bytes.spend(now, whole),
            self._ours.bucket("frame").spend(now),
            self._ours.bucket("byte").spend(now, whole),
        )
