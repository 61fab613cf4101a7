import asyncio
import functools

import pytest

from lanchat.errors import TooManySearches
from lanchat.sessions.search_queue import MOST, SearchQueue
from tests.support.conditions import eventually


async def test_one_runs_at_a_time_in_their_order() -> None:
    searches, done, gate = SearchQueue(), list[int](), asyncio.Event()

    async def search(number: int) -> None:
        done.append(number)
        await gate.wait()
        done.append(-number)

    for number in (1, 2, 3):
        searches.begin(functools.partial(search, number))
    await eventually(lambda: done == [1])
    gate.set()
    await eventually(lambda: done == [1, -1, 2, -2, 3, -3])


async def test_only_so_many_wait_and_all_end_with_the_client() -> None:
    searches, ended = SearchQueue(), list[str]()

    async def search() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    for _ in range(MOST):
        searches.begin(search)
    with pytest.raises(TooManySearches, match="8 searches"):
        searches.begin(search)
    begun = len(ended)
    await searches.end()
    await eventually(lambda: not searches._tasks)
    assert begun == 0
    searches.begin(search)
    await searches.end()
