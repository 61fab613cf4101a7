"""The clock of the model: nobody waits, nothing hangs, and work is done in its order."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.model.clockwork import Clockwork


@pytest.fixture
def loop() -> Iterator[Clockwork]:
    with contextlib.closing(Clockwork(Random(1))) as loop:
        yield loop


def test_time_goes_by_without_anybody_waiting(loop: Clockwork) -> None:
    rung: list[float] = []
    loop.call_later(3600, lambda: rung.append(loop.time()))
    before = time.monotonic()
    loop.run_for(7200)
    assert rung == [3600]
    assert loop.time() == 7200
    assert time.monotonic() - before < 60


def test_who_waits_for_what_never_comes_is_told(loop: Clockwork) -> None:
    future = loop.create_future()
    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        loop.run_until_complete(future)


def test_an_executor_works_in_its_order_and_needs_no_thread(loop: Clockwork) -> None:
    done: list[int] = []
    answered: list[int] = []

    async def work() -> None:
        with ThreadPoolExecutor(1) as thread:
            futures = [loop.run_in_executor(thread, done.append, number) for number in range(50)]
            for future in futures:
                future.add_done_callback(lambda done: answered.append(futures.index(done)))
            await asyncio.gather(*futures)

    loop.run_until_complete(work())
    assert done == answered == list(range(50))


def test_what_work_raises_is_raised_to_who_waits_for_it(loop: Clockwork) -> None:
    def fail() -> None:
        raise ValueError("no")

    async def work() -> None:
        await loop.run_in_executor(None, fail)

    with pytest.raises(ValueError, match="no"):
        loop.run_until_complete(work())
