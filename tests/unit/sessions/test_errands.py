import asyncio
import functools

import pytest

from lanchat.errors import TooManySearches
from lanchat.sessions.errands import MOST, Errands
from tests.support.conditions import eventually


async def test_one_runs_at_a_time_in_their_order() -> None:
    errands, done, gate = Errands(), list[int](), asyncio.Event()

    async def errand(number: int) -> None:
        done.append(number)
        await gate.wait()
        done.append(-number)

    for number in (1, 2, 3):
        errands.begin(functools.partial(errand, number))
    await eventually(lambda: done == [1])
    gate.set()
    await eventually(lambda: done == [1, -1, 2, -2, 3, -3])


async def test_only_so_many_wait_and_all_end_with_the_client() -> None:
    errands, ended = Errands(), list[str]()

    async def errand() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    for _ in range(MOST):
        errands.begin(errand)
    with pytest.raises(TooManySearches, match="8 searches"):
        errands.begin(errand)
    begun = len(ended)
    await errands.end()
    await eventually(lambda: not errands._tasks)
    assert begun == 0
    errands.begin(errand)
    await errands.end()
