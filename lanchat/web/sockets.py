"""Listening sockets: the port that was asked for, or the next free one."""

import contextlib
import errno
import socket

from lanchat.errors import InvalidAddress, PortTaken

_NEXT = 20
_HIGHEST = 65_535
UNREAD = 131_072
"""Bytes that the kernel keeps of what one client has sent and we have not read; by itself it may keep megabytes."""


def listen(address: str, port: int | None, preferred: int) -> list[socket.socket]:
    """Open listening sockets, all on one port.

    Args:
        address: to listen on; empty for every address of both families.
        port: the port; 0 for any free one; None for `preferred` or the next free one.
        preferred: used when `port` is None.

    Raises:
        PortTaken: the port that was asked for is taken, or no free one was found near `preferred`.
        InvalidAddress: this machine has no such address.
    """
    if port is not None:
        return _listen(address, port)
    for candidate in range(preferred, min(preferred + _NEXT, _HIGHEST)):
        with contextlib.suppress(PortTaken):
            return _listen(address, candidate)
    return _listen(address, 0)


def port_of(sockets: list[socket.socket]) -> int:
    """Return the port that the sockets listen on."""
    return int(sockets[0].getsockname()[1])


def _listen(address: str, port: int) -> list[socket.socket]:
    try:
        if address:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [_bind(family, address, port)]
        sockets = [_bind(socket.AF_INET, "0.0.0.0", port)]  # noqa: S104 - a room is for the whole network
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            reason = "is taken by another program" if error.errno == errno.EADDRINUSE else "may not be used"
            raise PortTaken(f"Port {port} {reason}; choose another with --port or --window-port, or 0.") from None
        raise InvalidAddress(f"This machine cannot listen on {address or 'its addresses'}: {error.strerror}.") from None
    if socket.has_ipv6:
        with contextlib.suppress(OSError):
            sockets.append(_bind(socket.AF_INET6, "::", port_of(sockets)))
    return sockets


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    sock = socket.create_server((address, port), family=family, backlog=512, dualstack_ipv6=False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD)  # those that are accepted inherit it
    sock.setblocking(False)
    return sock
