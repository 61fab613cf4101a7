"""Every way out is short: the signals that ask the program to end, and the moment after which it ends regardless."""

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

PATIENCE = 1.7
"""Seconds from the first signal to the end of the process, whatever hangs."""
_log = logging.getLogger(__name__)


class Shutdown:
    """A request to end, from SIGINT, SIGTERM or inside.

    Args:
        then: called once, on the first request, and never on the main thread unless that is where somebody asked.
    """

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.then = then
        self._requested = threading.Event()
        self._wakeup: tuple[socket.socket, socket.socket] | None = None

    def install(self) -> None:
        """Install the signal handlers. Call it again after a library took them for itself. Main thread only."""
        # Python runs a handler only when the main thread runs Python, and that one waits inside the toolkit. So the
        # handlers do nothing, and a thread learns of the signal from the descriptor that it is written to at once.
        numbers = [signal.SIGINT, signal.SIGTERM]
        if sys.platform == "win32":
            numbers.append(signal.SIGBREAK)
        if self._wakeup is None:
            self._wakeup = socket.socketpair()
            self._wakeup[1].setblocking(False)
            threading.Thread(target=self._read_signals, args=(self._wakeup[0],), name="signals", daemon=True).start()
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    @property
    def requested(self) -> bool:
        """Whether somebody asked the program to end."""
        return self._requested.is_set()

    def request(self) -> None:
        """Request it from inside, from any thread; without a limit of time."""
        if not self._requested.is_set():
            self._requested.set()
            self.then()

    def wait(self) -> None:
        """Block until somebody asks; signals are handled meanwhile."""
        # A wait without a limit cannot be interrupted on Windows.
        while not self._requested.wait(0.5):
            pass

    def _read_signals(self, source: socket.socket) -> None:
        wanted = {int(signal.SIGINT), int(signal.SIGTERM), int(getattr(signal, "SIGBREAK", signal.SIGTERM))}
        while number := source.recv(1):
            if number[0] in wanted and not self._requested.is_set():
                end_within(PATIENCE)
                self.request()


def leave(code: int) -> NoReturn:
    """End the process at once: everything of ours has ended, and a web engine takes its time to be taken apart."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def end_within(seconds: float) -> None:
    """End the process with exit code 0 after so many seconds, if it still lives: what was sent is durable."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    _log.warning("Something did not end in time; the process is ended without it.")
    os._exit(0)
