"""The first byte of a connection, which tells whether it begins with TLS, while it stays there to be read."""

import asyncio
import socket

TLS = b"\x16"
"""How TLS begins: with a record of the type handshake (RFC 8446, section 5.1). No request of HTTP does."""
_LOOK_AGAIN = 0.02


async def first_byte(sock: socket.socket) -> bytes:
    """Wait for the first byte of a connection and return it; nothing when the other side has left without one.

    Args:
        sock: does not block.

    Raises:
        OSError: the connection is broken.
    """
    while True:
        try:
            return sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            await _until_readable(sock)


async def _until_readable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        loop.add_reader(sock, readable.set)
    except NotImplementedError:  # Windows' usual loop has no readers, and its other calls would take the byte away
        await asyncio.sleep(_LOOK_AGAIN)
        return
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sock)
