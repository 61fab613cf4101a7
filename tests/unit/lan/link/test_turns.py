"""A home that says much has half of the time, and one that says little is not kept waiting."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.lan.link import turns as module
from lanchat.lan.link.turns import FairReplies
from lanchat.protocol import Heartbeat, Reply
from tests.support.clock import Clock
from tests.support.conditions import eventually


class Home:
    """Says heartbeats without end; notes how many were heard, and how often it was waited until all was kept."""

    def __init__(self) -> None:
        self.heard = 0
        self.kept = 0

    async def says(self) -> AsyncIterator[Reply]:
        while True:
            self.heard += 1
            yield Heartbeat(tops={})

    async def keep(self) -> None:
        self.kept += 1


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No busy machine takes as long for a frame."""
    monkeypatch.setattr(module, "SLICE", 60.0)


async def test_after_a_slice_everybody_else_has_as_long(clock: Clock) -> None:
    home = Home()
    replies = FairReplies(home.says(), home.keep)
    await anext(replies)
    clock.advance(600)
    following = asyncio.create_task(anext(replies))
    await eventually(lambda: home.kept == 1)
    clock.advance(500)
    await asyncio.sleep(0)
    assert not following.done()
    assert home.heard == 1
    clock.advance(600)
    await following
    assert home.heard == 2


async def test_what_takes_little_is_not_kept_waiting(clock: Clock) -> None:
    home = Home()
    async for _ in FairReplies(home.says(), home.keep):
        if home.heard == 1_000:
            break
    assert home.kept == 0


async def test_time_in_which_it_says_nothing_does_not_count(clock: Clock) -> None:
    async def slow() -> AsyncIterator[Reply]:
        for _ in range(3):
            clock.advance(600)
            yield Heartbeat(tops={})

    home = Home()
    assert len([reply async for reply in FairReplies(slow(), home.keep)]) == 3
    assert home.kept == 0


async def test_small_pieces_add_up(clock: Clock) -> None:
    home = Home()
    replies = FairReplies(home.says(), home.keep)
    for _ in range(3):
        await anext(replies)
        clock.advance(25)
    following = asyncio.create_task(anext(replies))
    await eventually(lambda: home.kept == 1)
    clock.advance(120)
    await following
    assert home.kept == 1
