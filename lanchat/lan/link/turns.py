"""How much of this node's time a home has: when it says more than anybody reads, half of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

from lanchat.protocol import Reply

SLICE = 0.005
"""Seconds of work for one home, after which everybody else has as long."""


class FairReplies:
    """Gives what a home says, and reads nothing of it for as long as the last of it has taken.

    What is not read waits at the home, by the back pressure of TCP. A home that says little is never kept waiting.

    Args:
        replies: what the home says.
        kept: waits until all of it that is to be kept is on the disk.
    """

    def __init__(self, replies: AsyncIterator[Reply], kept: Callable[[], Awaitable[None]]) -> None:
        self._replies = replies
        self._kept = kept
        self._taken = 0.0
        self._since: float | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Reply:
        clock = asyncio.get_running_loop().time
        if self._since is not None:
            if self._taken + clock() - self._since >= SLICE:
                await self._kept()
            self._taken += clock() - self._since
            if self._taken >= SLICE:
                await asyncio.sleep(self._taken)
                self._taken = 0.0
            self._since = None
        reply = await anext(self._replies)
        self._since = clock()
        return reply
