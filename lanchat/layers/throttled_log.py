"""A line of the log for what may happen a thousand times a second."""

import logging
import math
import time

_BETWEEN = 10.0


class ThrottledLog:
    """Writes its line at most once in ten seconds.

    Args:
        logger: where it is written.
        level: how important it is; one of the levels of logging.
        text: the line, with places for arguments.
    """

    def __init__(self, logger: logging.Logger, level: int, text: str) -> None:
        self._logger = logger
        self._level = level
        self._text = text
        self._last = -math.inf

    def __call__(self, *arguments: object) -> None:
        """Write the line, unless that was done just now."""
        now = time.monotonic()
        if now - self._last >= _BETWEEN:
            self._last = now
            self._logger.log(self._level, self._text, *arguments)
