"""The clock that tests move takes the loop's timers with it, and is right again after the test."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.support.clock import Clock
from tests.support.conditions import eventually


async def test_what_is_due_happens_at_once(clock: Clock) -> None:
    loop, happened = asyncio.get_running_loop(), list[str]()
    loop.call_later(60, happened.append, "due")
    later = loop.call_later(7_200, happened.append, "later")
    clock.advance(61)
    await eventually(lambda: happened)
    assert happened == ["due"]
    later.cancel()


async def test_a_timeout_goes_by_it(clock: Clock) -> None:
    waiting = asyncio.create_task(asyncio.wait_for(asyncio.Event().wait(), 60))
    await asyncio.sleep(0)
    clock.advance(61)
    with pytest.raises(TimeoutError):
        await waiting


async def test_all_clocks_are_moved(clock: Clock) -> None:
    loop = asyncio.get_running_loop()
    clocks: tuple[Callable[[], float], ...] = (time.monotonic, time.time, loop.time, _seconds)
    before = [read() for read in clocks]
    clock.advance(3_600)
    assert all(3_600 <= read() - then < 3_660 for read, then in zip(clocks, before, strict=True))


async def test_the_clocks_are_right_again_after_the_block() -> None:
    kept = time.monotonic, time.time, time.time_ns
    clock = Clock()
    with clock.installed():
        clock.advance(60)
        assert kept != (time.monotonic, time.time, time.time_ns)
    assert kept == (time.monotonic, time.time, time.time_ns)


def _seconds() -> float:
    return time.time_ns() / 1e9
