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
    """The wish to end, from SIGINT, SIGTERM or inside.

    Args:
        then: called once, when the wish comes, and never on the main thread unless that is where somebody asked.
    """

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.then = then
        self._asked = threading.Event()
        self._ears: tuple[socket.socket, socket.socket] | None = None

    def listen(self) -> None:
        """Take the signals over. Call it again after a library took them for itself. Main thread only."""
        # Python runs a handler only when the main thread runs Python, and that one waits inside the toolkit. So the
        # handlers do nothing, and a thread hears of the signal from the descriptor that it is written to at once.
        numbers = [signal.SIGINT, signal.SIGTERM]
        if sys.platform == "win32":
            numbers.append(signal.SIGBREAK)
        if self._ears is None:
            self._ears = socket.socketpair()
            self._ears[1].setblocking(False)
            threading.Thread(target=self._hear, args=(self._ears[0],), name="signals", daemon=True).start()
        signal.set_wakeup_fd(self._ears[1].fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    @property
    def asked(self) -> bool:
        """Whether somebody asked the program to end."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask from inside, from any thread; without a limit of time."""
        if not self._asked.is_set():
            self._asked.set()
            self.then()

    def wait(self) -> None:
        """Block until somebody asks; signals are handled meanwhile."""
        # A wait without a limit cannot be interrupted on Windows.
        while not self._asked.wait(0.5):
            pass

    def _hear(self, ear: socket.socket) -> None:
        wanted = {int(signal.SIGINT), int(signal.SIGTERM), int(getattr(signal, "SIGBREAK", signal.SIGTERM))}
        while number := ear.recv(1):
            if number[0] in wanted and not self._asked.is_set():
                end_within(PATIENCE)
                self.ask()


def leave(code: int) -> NoReturn:
    """End the process at once: everything of ours has ended, and a web engine takes its time to be taken apart."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def end_within(seconds: float) -> None:
    """End the process with exit code 0 after so many seconds, if it still lives: what was said is durable."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    _log.warning("Something did not end in time; the process is ended without it.")
    os._exit(0)
