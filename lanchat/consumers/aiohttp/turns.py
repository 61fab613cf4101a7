"""The turns of an event loop, so that in each of them everybody's messages are read."""

import asyncio


class LoopTurns:
    """Numbers the turns of one event loop in which somebody asks. In each of them everybody's messages are read."""

    def __init__(self) -> None:
        self._number = 1
        self._asked = False

    def current(self) -> int:
        """Return the number of this turn."""
        if not self._asked:
            self._asked = True
            asyncio.get_running_loop().call_soon(self._next)
        return self._number

    def _next(self) -> None:
        self._number += 1
        self._asked = False
