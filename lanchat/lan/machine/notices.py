"""What the system says by itself when an interface, an address or a route changes: rtnetlink(7), on Linux only."""

import asyncio
import logging
import socket
from collections.abc import Callable

_log = logging.getLogger(__name__)

_LINK, _IPV4_ADDRESS, _IPV4_ROUTE, _IPV6_ADDRESS = 0x1, 0x10, 0x40, 0x100
_GROUPS = _LINK | _IPV4_ADDRESS | _IPV4_ROUTE | _IPV6_ADDRESS
"""What we listen to. IPv6 routes are not among it: they are renewed all day, and lead nobody to us."""
_LARGEST = 65_536


class SystemNotices:
    """Calls somebody when the system says that something about the network is another now; what it is, it does not say.

    Args:
        on_notice: called on the event loop, for many notices at once.
    """

    def __init__(self, on_notice: Callable[[], None]) -> None:
        self._on_notice = on_notice
        self._socket: socket.socket | None = None

    @property
    def there(self) -> bool:
        """Whether this system says anything."""
        return self._socket is not None

    def open(self) -> None:
        """Listen, where the system tells."""
        family = getattr(socket, "AF_NETLINK", None)
        if family is None:
            return
        try:
            listening = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        except OSError as error:  # a sandbox may refuse it
            _log.debug("The system does not tell of changes of the network: %s", error)
            return
        try:
            listening.bind((0, _GROUPS))
            asyncio.get_running_loop().add_reader(listening, self._read)
        except (OSError, NotImplementedError) as error:
            _log.debug("The system does not tell of changes of the network: %s", error)
            listening.close()
            return
        self._socket = listening

    def close(self) -> None:
        """Listen no more."""
        listening, self._socket = self._socket, None
        if listening is not None:
            asyncio.get_running_loop().remove_reader(listening)
            listening.close()

    def _read(self) -> None:
        assert self._socket is not None  # noqa: S101 - the loop calls it as long as it is open
        said = False
        try:
            while True:
                _, (sender, _groups) = self._socket.recvfrom(_LARGEST)
                said = said or sender == 0  # the kernel; nobody else is asked
        except BlockingIOError:
            pass
        except OSError:  # more was said than fits (ENOBUFS): something has changed, whatever it was
            said = True
        if said:
            self._on_notice()
