"""Rules that somebody waits for, until they come back from the room: numbered, or refused."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from lanchat.errors import LanchatError


class Echoes:
    """Those who wait for a rule of theirs, by its nonce."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}

    @contextmanager
    def expect(self, nonce: str) -> Iterator[asyncio.Future[None]]:
        """Give a future that is done when the rule is in the room, or raises why it was refused."""
        self._waiting[nonce] = future = asyncio.get_running_loop().create_future()
        try:
            yield future
        finally:
            del self._waiting[nonce]
            future.cancel()

    def heard(self, nonce: str) -> None:
        """Note that a rule is in the room."""
        if (future := self._waiting.get(nonce)) is not None and not future.done():
            future.set_result(None)

    def refused(self, nonce: str, error: LanchatError) -> bool:
        """Note that a rule was refused; False when nobody waits for it."""
        future = self._waiting.get(nonce)
        if future is not None and not future.done():
            future.set_exception(error)
        return future is not None
