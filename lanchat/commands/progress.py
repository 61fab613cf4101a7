"""How long work goes on, on the terminal: one line that changes, or where that is not possible, a line now and then."""

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

_STEP = 10
"""Percent between two lines where no line can change."""


class Progress:
    """Says on standard error how much is done. Any thread may call it, one at a time.

    Args:
        as_json: say it as lines of JSON.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._doing = ""
        self._as_json = as_json
        self._changes = not as_json and sys.stderr.isatty()
        self._said = ""
        self._next = 0

    def say(self, doing: str, done: int, total: int) -> None:
        """Say that so much is done of so much; `doing` says of what, in one word."""
        if doing != self._doing:
            self._doing, self._next = doing, 0
        percent = min(100, 100 * done // total) if total else 0
        text = f"{doing} {percent:3} %"
        if self._changes:
            if text != self._said:
                self._write(f"\r{text}\x1b[K")
        elif percent >= self._next:
            line = {"event": "progress", "doing": doing, "done": done, "total": total}
            self._write(f"{msgspec.json.encode(line).decode() if self._as_json else f'lanchat: {text}'}\n")
            self._next = percent - percent % _STEP + _STEP
        self._said = text

    def end(self) -> None:
        """Take the line away that changed."""
        if self._changes and self._said:
            self._write("\r\x1b[K")

    @staticmethod
    def _write(text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()


@contextmanager
def progress(*, as_json: bool) -> Iterator[Progress]:
    """Return a progress that leaves the terminal tidy."""
    shown = Progress(as_json=as_json)
    try:
        yield shown
    finally:
        shown.end()
