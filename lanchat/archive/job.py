"""One long piece of work: how it stands, and who is told."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Literal

from lanchat.errors import LanchatError, LayerError

_log = logging.getLogger(__name__)

BETWEEN = 0.1
"""Seconds between two reports of one job's progress."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Tell = Callable[["Job"], None]
"""Told in the job's own thread whenever the job has gone on. It may raise LayerError: then nobody is there any more."""
Work = Callable[["Job"], str]
"""Runs in a thread of its own and gives a sentence about what came of it; it looks at `cancelled` often."""


class Stopped(Exception):
    """Raised by work that ends because the job was cancelled."""


class Job:
    """One piece of work.

    Attributes:
        id: its random id.
        kind: what it does.
        owner: who asked for it.
        state: how it stands; the last three states are the end.
        done: how much is done.
        total: of how much; 0 as long as that is not known.
        text: what came of it, or why nothing did.
    """

    def __init__(self, kind: str, owner: str, tell: Tell) -> None:
        self.id = secrets.token_hex(16)
        self.kind = kind
        self.owner = owner
        self.state: State = "waiting"
        self.done = self.total = 0
        self.text = ""
        self._tell: Tell | None = tell
        self._told = 0.0
        self._end = threading.Event()
        self._turn = threading.Lock()

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state not in {"waiting", "running"}

    def cancelled(self) -> bool:
        """Whether it shall end now."""
        return self._end.is_set()

    def pause(self, seconds: float) -> None:
        """Wait in the job's own thread. Raises Stopped as soon as the job is cancelled."""
        if self._end.wait(seconds):
            raise Stopped

    def progress(self, done: int, total: int) -> None:
        """Say how much is done of how much; the one who asked is told at most every BETWEEN seconds."""
        self.done, self.total = done, total
        if time.monotonic() - self._told >= BETWEEN:
            self.say()

    def cancel(self) -> None:
        """Let it end soon; one that waits has ended by this."""
        self._end.set()
        self.finish("cancelled", only_from="waiting")

    def silence(self) -> None:
        """Tell nobody any more."""
        self._tell = None

    def finish(self, state: State, text: str = "", *, only_from: State | None = None) -> bool:
        """Change the state of a job that has not ended, if it is still `only_from`; whether it was changed."""
        with self._turn:
            if self.ended or (only_from is not None and self.state != only_from):
                return False
            self.state, self.text = state, text
        return True

    def run(self, work: Work) -> None:
        """Do the work, and tell how it goes. Raises nothing."""
        if not self.finish("running", only_from="waiting"):
            return
        self.done = self.total = 0
        self.say()
        try:
            self.finish("done", work(self))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the one who asked is told
            if self.cancelled():
                self.finish("cancelled", str(error) if isinstance(error, Stopped) else "")
            elif isinstance(error, LanchatError):
                self.finish("failed", str(error))
            else:
                _log.exception("A job of kind %s failed", self.kind)
                self.finish("failed", f"Something went wrong ({type(error).__name__}); the log says more.")
        self.say()

    def say(self) -> None:
        """Tell the one who asked how it stands."""
        self._told = time.monotonic()
        tell = self._tell
        if tell is not None:
            try:
                tell(self)
            except LayerError as error:
                _log.info("The progress of a job of kind %s reached nobody: %s", self.kind, error)
