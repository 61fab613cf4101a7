"""Waiting for a condition, never for a time: the only place in the tests that may sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")

_POLL = 0.005
LONG = 60.0
"""Seconds that something may take which is sure to happen, on a machine that is busy with other things."""


async def eventually(condition: Callable[[], T | Awaitable[T]], timeout: float = LONG, what: str = "") -> T:  # noqa: ASYNC109
    """Wait until `condition` gives something true, and give that back.

    Args:
        condition: a plain or an async function; an AssertionError that it raises counts as not yet.
        timeout: seconds until the test fails.
        what: the condition in words, for the failure.
    """
    deadline = time.monotonic() + timeout
    last: Any
    while True:
        try:
            result = condition()
            last = await result if inspect.isawaitable(result) else result
            if last:
                return cast("T", last)
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(_failure(condition, timeout, what, last)) from None
        await asyncio.sleep(_POLL)


def wait_until(condition: Callable[[], T], timeout: float = LONG, what: str = "") -> T:
    """The same for a test without a loop, and for other threads and processes."""
    deadline = time.monotonic() + timeout
    while not (last := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(_failure(condition, timeout, what, last))
        time.sleep(_POLL)
    return last


def _failure(condition: Callable[..., Any], timeout: float, what: str, last: Any) -> str:
    return f"not within {timeout:g} s: {what or inspect.getsource(condition).strip()}; last: {last!r}"
