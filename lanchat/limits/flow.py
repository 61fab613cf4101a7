"""What comes in on one connection, before anybody looks at what it says."""

from lanchat.limits.allowance import Addresses

_HEAD = 8
"""Bytes that a frame is longer than what it says, about."""


class Flow:
    """Counts frames and bytes. Nothing is refused: what comes too fast is read later.

    Args:
        addresses: what each address may.
        address: where the connection comes from.
    """

    __slots__ = ("_address", "_addresses", "_bytes_full", "_frames_full")

    def __init__(self, addresses: Addresses, address: str) -> None:
        self._addresses = addresses
        self._address = address
        self._frames_full = self._bytes_full = 0.0

    def take(self, size: int, now: float) -> float:
        """Count a frame, and return the seconds until the next one may be read.

        Args:
            size: what it says, in bytes.
            now: seconds of a clock that never goes back.
        """
        whole, ours = size + _HEAD, self._addresses
        self._frames_full = ours.frames.after(self._frames_full, now)
        self._bytes_full = ours.bytes.after(self._bytes_full, now, whole)
        return max(
            ours.frames.wait(self._frames_full, now),
            ours.bytes.wait(self._bytes_full, now),
            ours.each.spend(self._address, "frame", now),
            ours.each.spend(self._address, "byte", now, whole),
        )
