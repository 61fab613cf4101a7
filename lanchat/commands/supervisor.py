"""What the system's supervisor is told, where one asks for it: how a service of Type=notify says that it is ready.

https://www.freedesktop.org/software/systemd/man/sd_notify.html
"""

import contextlib
import os
import socket

READY = "READY=1"
"""The node listens: what depends on it may begin."""
STOPPING = "STOPPING=1"
"""It was asked to end, and lets its clients go elsewhere."""


def tell(state: str) -> None:
    """Tell the supervisor that started this process; nothing happens where none waits for it.

    Args:
        state: READY or STOPPING.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
