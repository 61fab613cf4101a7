"""Where the program's log goes: a file in the data directory that never grows beyond 20 MB.

What others say can neither forge a line of it nor push out what was there before: of every value in a line at most 200
characters are shown, all of them visible, and each place in the program writes a few lines at once and then a few a
minute; the next one says how many were left out.
"""

import datetime as dt
import io
import json
import logging
import logging.handlers
import os
import sys
import time
from pathlib import Path

FILE = "lanchat.log"
"""The log's name in the data directory."""
LONGEST = 200
"""Most characters of one value in a line: what others say may be in it."""
BURST = 60
"""Lines of one place in the program that are written at once."""
RATE = 0.1
"""Lines of one place that are written per second after that."""

_SIZE = 5 * 1024 * 1024
_OLD = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_TRACE_LINES = 60


def begin(data_dir: Path, *, to_terminal: bool, as_json: bool = False) -> None:
    """Log into the data directory, and warnings to the terminal as well if asked. Texts of messages are never logged.

    A directory that cannot be written to costs the log, not the program: whoever needs it reports it.

    Args:
        data_dir: where the file is.
        to_terminal: whether stderr is written to as well.
        as_json: whether each line is JSON; of that the terminal gets everything, because a program reads it.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    if to_terminal:
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setLevel(logging.INFO if as_json else logging.WARNING)
        _bound(terminal, "lanchat: %(message)s", as_json=as_json)
        root.addHandler(terminal)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _File(data_dir / FILE, maxBytes=_SIZE, backupCount=_OLD, encoding="utf-8", delay=True)
    except OSError:
        return
    _bound(file, _FORMAT, as_json=as_json)
    root.addHandler(file)


def _bound(handler: logging.Handler, form: str, *, as_json: bool) -> None:
    pace = _Pace()
    handler.addFilter(pace)
    handler.setFormatter(_Json(form, pace) if as_json else _Line(form, pace))


class _Pace(logging.Filter):
    """Lets each place in the program write a few lines at once, and then a few a minute.

    Attributes:
        left_out: how many lines the place of the line that is written now has left out before it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left_out = 0
        self._places: dict[tuple[str, int], tuple[float, float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place, now = (record.pathname, record.lineno), time.monotonic()
        tokens, at, left_out = self._places.get(place, (float(BURST), now, 0))
        tokens = min(float(BURST), tokens + (now - at) * RATE)
        if tokens < 1:
            self._places[place] = (tokens, now, left_out + 1)
            return False
        self._places[place] = (tokens - 1, now, 0)
        self.left_out = left_out
        return True


class _Line(logging.Formatter):
    """Writes one line for one record; a traceback stands behind it, indented, so that nothing in it looks like a line.

    Args:
        form: of a line.
        pace: knows how many were left out.
    """

    def __init__(self, form: str, pace: _Pace) -> None:
        super().__init__(form)
        self._pace = pace

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and its traceback, whatever another handler has made of the record."""
        record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_text = None

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line, with what others may have said in it made short and visible."""
        record.message = _message(record)
        line = super().formatMessage(record)
        return f"{line} (and {self._pace.left_out} more like it)" if self._pace.left_out else line

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's name
        """Return a traceback: its last lines, each indented and short."""
        lines = super().formatException(ei).splitlines()[-_TRACE_LINES:]  # type: ignore[arg-type]
        return "\n".join(f"  | {visible(line)}" for line in lines)


class _Json(_Line):
    """Writes one object of JSON in one line for one record, a traceback among it as a list of lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        said: dict[str, object] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        said["message"] = _message(record)
        if self._pace.left_out:
            said["left_out"] = self._pace.left_out
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info).splitlines()
        return json.dumps(said)


class _Value:
    """A value in a line, made short and visible when it is written."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return visible(str(self._value))

    def __repr__(self) -> str:
        return visible(repr(self._value))


class _File(logging.handlers.RotatingFileHandler):
    def _open(self) -> io.TextIOWrapper:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private)  # type: ignore[return-value]

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Lose what cannot be written; the library would print a traceback to the terminal."""


def visible(text: str) -> str:
    """Return a text as one line of at most LONGEST characters, with an escape for each that nobody could see."""
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return short if short.isprintable() else "".join(_escaped(letter) for letter in short)


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def _message(record: logging.LogRecord) -> str:
    try:
        match record.args:
            case tuple() as values if values:
                return str(record.msg) % tuple(_bounded(value) for value in values)
            case dict() as named if named:
                return str(record.msg) % {name: _bounded(value) for name, value in named.items()}
            case _:
                return visible(str(record.msg))
    except (TypeError, ValueError):
        return visible(str(record.msg))


def _bounded(value: object) -> object:
    return value if isinstance(value, int | float) else _Value(value)
