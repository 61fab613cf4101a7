"""What 2,000 silent and half-sent connections cost a node that may have few descriptors."""

import contextlib
import selectors
import socket
import time
from urllib.parse import urlsplit

from tests.bench import guests
from tests.bench.doors.flooder import ADDRESS
from tests.bench.doors.polite import newcomer
from tests.bench.product import product
from tests.bench.rows import Row, plain

DESCRIPTORS = 1024
_PATIENCE = 30.0


def measure(name: str, *, seconds: float, connections: int = 2000) -> list[Row]:
    """Hold as many silent and half-sent connections as we get, and let a newcomer and the owner's window come."""
    what = f"with {connections} silent and half-sent connections, {DESCRIPTORS} descriptors"
    with product(usual=True, descriptors=DESCRIPTORS) as program, contextlib.ExitStack() as stack:
        port, window = program.ready["port"], urlsplit(program.ready["window"]).port
        room = guests.open_room(port, "silent")
        for number in range(connections):
            sock = stack.enter_context(socket.socket())
            sock.bind((ADDRESS, 0))
            sock.settimeout(_PATIENCE)
            with contextlib.suppress(OSError):  # refused: there are too many of us
                sock.connect(("127.0.0.1", port))
                if number % 2:
                    sock.sendall(b"GET /ws HTTP/1.1\r\nHost: ")
        began, used = time.perf_counter(), program.cpu()
        guests.join(room, stack.enter_context(newcomer(port)))
        joined = time.perf_counter() - began
        with socket.create_connection(("127.0.0.1", window or 0), timeout=_PATIENCE) as page:
            page.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{window}\r\n\r\n".encode())
            assert page.recv(1 << 16).startswith(b"HTTP/1.1 200")
        opened = time.perf_counter() - began - joined
        with selectors.DefaultSelector() as nothing:
            nothing.select(seconds)
        busy = 100 * (program.cpu() - used) / (time.perf_counter() - began)
    return [
        plain(name, f"{what}: a newcomer joins", [joined], "s", most=2),
        plain(name, f"{what}: the owner's page comes", [opened], "s", most=1),
        plain(name, f"{what}: CPU of a core", [busy], "%", most=20),
    ]
