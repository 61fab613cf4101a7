"""Every way out is short: the signals that ask the program to end, and the moment after which it ends regardless."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

PATIENCE = 1.7
"""Seconds from the first signal to the end of the process, whatever hangs."""
_log = logging.getLogger(__name__)


class Ending:
    """The wish to end, from SIGINT, SIGTERM or inside.

    Args:
        then: called once, when the wish comes, on the thread that it came on. Must not block.
    """

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.then = then
        self._asked = threading.Event()

    def listen(self) -> None:
        """Take the signals over. Call it again after a library took them for itself. Main thread only."""
        signal.signal(signal.SIGINT, self._signalled)
        signal.signal(signal.SIGTERM, self._signalled)
        if sys.platform == "win32":
            signal.signal(signal.SIGBREAK, self._signalled)

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

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if not self._asked.is_set():
            end_within(PATIENCE)
        self.ask()


def end_within(seconds: float) -> None:
    """End the process with exit code 0 after so many seconds, if it still lives: what was said is durable."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    _log.warning("Something did not end in time; the process is ended without it.")
    os._exit(0)
