"""A program that is told to slow down waits, and asks again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lanchat.errors import SlowDown

PATIENCE = 60.0
"""Seconds that a program waits in all, for one thing, when it is told to slow down."""
_LEAST = 0.1
T = TypeVar("T")


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Return what a node answers, asked again after the time that it names when it says to slow down.

    Raises:
        SlowDown: it said so for PATIENCE seconds.
        LanchatError: whatever else `ask` raises.
    """
    left = PATIENCE
    while True:
        try:
            return await ask()
        except SlowDown as error:
            wait = max(_LEAST, error.wait)
            if wait > left:
                raise
        left -= wait
        await asyncio.sleep(wait)
