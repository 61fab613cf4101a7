"""The turns of an event loop are numbered while somebody asks."""

import asyncio

from lanchat.consumers.aiohttp.turns import LoopTurns


async def test_turns_of_the_loop_have_numbers_of_their_own() -> None:
    turns = LoopTurns()
    first = turns.current()
    assert turns.current() == first
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert turns.current() > first
