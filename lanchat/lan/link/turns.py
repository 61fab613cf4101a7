"""How much of this node's time a home has: a small part of it when it says what nobody asked for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

from lanchat.limits import TokenRate
from lanchat.protocol import Joined, Page, Reply

SLICE = 0.001
"""Seconds of work for one home at once: whoever says something in another room waits no longer than that."""
SHARE = 0.25
"""Seconds of work for it in a second."""
WANTED = 0.5
"""The same for what was asked of it: a long history that is missing here is to come soon."""


class FairReplies:
    """Gives what a home says, and reads nothing of it until it has time again.

    What is not read waits at the home, by the back pressure of TCP. A home that says little is never kept waiting.

    Args:
        replies: what the home says.
        kept: waits until all of it that is to be kept is on the disk.
    """

    def __init__(self, replies: AsyncIterator[Reply], kept: Callable[[], Awaitable[None]]) -> None:
        self._replies = replies
        self._kept = kept
        self._time = TokenRate(SHARE, SLICE)
        self._full = 0.0
        self._since: float | None = None
        self._cost = 1.0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Reply:
        clock = asyncio.get_running_loop().time
        if (since := self._since) is not None:
            now = clock()
            if self._time.wait(self._after(since, now), now):
                await self._kept()
                now = clock()
            self._full = self._after(since, now)
            if wait := self._time.wait(self._full, now):
                await asyncio.sleep(wait)
            self._since = None
        reply = await anext(self._replies)
        self._since = clock()
        self._cost = SHARE / WANTED if isinstance(reply, (Page, Joined)) else 1.0
        return reply

    def _after(self, since: float, now: float) -> float:
        """Return when the home has all of its time again, with the work since its last reply."""
        return self._time.after(self._full, since, (now - since) * self._cost)
