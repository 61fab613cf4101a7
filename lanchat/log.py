"""Where the program's log goes: a file in the data directory that never grows beyond 20 MB."""

import logging
import logging.handlers
import sys
from pathlib import Path

FILE = "lanchat.log"
"""The log's name in the data directory."""

_SIZE = 5 * 1024 * 1024
_OLD = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def begin(data_dir: Path, *, to_terminal: bool) -> None:
    """Log into the data directory, and warnings to the terminal as well if asked. Texts of messages are never logged.

    A directory that cannot be written to costs the log, not the program: whoever needs it reports it.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    if to_terminal:
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setLevel(logging.WARNING)
        terminal.setFormatter(logging.Formatter("lanchat: %(message)s"))
        root.addHandler(terminal)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _File(data_dir / FILE, maxBytes=_SIZE, backupCount=_OLD, encoding="utf-8", delay=True)
    except OSError:
        return
    file.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(file)


class _File(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Lose what cannot be written; the library would print a traceback to the terminal."""
