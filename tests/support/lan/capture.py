"""What goes over the bridge of a LAN: every frame, as anybody sees it who is plugged in. Works inside the lab only."""

import socket
import threading
from collections import Counter
from types import TracebackType
from typing import Self

_ALL = 0x0003
_LARGEST = 65_536
_GROUPS = (b"\x01\x00\x5e\x00\x00\xfb", b"\x33\x33\x00\x00\x00\xfb")
"""Where 224.0.0.251 and ff02::fb go on an Ethernet (RFC 1112, RFC 2464)."""


class Capture:
    """Keeps every frame that an interface sees, while it is open.

    Args:
        interface: its name in this network namespace.
    """

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
        self._socket.bind((interface, 0))
        self._socket.settimeout(0.1)
        self._frames = bytearray()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    @property
    def frames(self) -> bytes:
        """Everything so far."""
        return bytes(self._frames)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _read(self) -> None:
        while not self._over.is_set():
            try:
                self._take(self._socket.recv(_LARGEST))
            except TimeoutError:
                continue

    def _take(self, frame: bytes) -> None:
        self._frames += frame + b"\n"


class Multicast(Capture):
    """Counts the packets of mDNS, and keeps none.

    Attributes:
        senders: how many came from each hardware address, by IPv4 and IPv6 together.
    """

    def __init__(self, interface: str) -> None:
        super().__init__(interface)
        self.senders: Counter[bytes] = Counter()

    @property
    def count(self) -> int:
        """How many so far."""
        return self.senders.total()

    def _take(self, frame: bytes) -> None:
        if frame[:6] in _GROUPS:
            self.senders[frame[6:12]] += 1
