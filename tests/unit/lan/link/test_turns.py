"""A home that says much has a part of the time, and one that says little is not kept waiting."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.lan.link import turns as module
from lanchat.lan.link.turns import SHARE, WANTED, FairReplies
from lanchat.protocol import Heartbeat, Page, Reply
from tests.support.clock import Clock
from tests.support.conditions import eventually

WORK = 600.0


class Home:
    """Says the same without end; notes how often it was heard, and how often it was waited until all was kept."""

    def __init__(self, reply: Reply) -> None:
        self.heard = 0
        self.kept = 0
        self.replies = FairReplies(self._says(reply), self._keep)

    async def _says(self, reply: Reply) -> AsyncIterator[Reply]:
        while True:
            self.heard += 1
            yield reply

    async def _keep(self) -> None:
        self.kept += 1


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No busy machine takes as long for a frame."""
    monkeypatch.setattr(module, "SLICE", 60.0)


@pytest.mark.parametrize(
    ("reply", "share"),
    [(Heartbeat(tops={}), SHARE), (Page(room="r", events=[], oldest=1), WANTED)],
    ids=["what nobody asked for", "a page"],
)
async def test_after_a_slice_everybody_else_has_their_time(clock: Clock, reply: Reply, share: float) -> None:
    home = Home(reply)
    await anext(home.replies)
    clock.advance(WORK)
    following = asyncio.create_task(anext(home.replies))
    await eventually(lambda: home.kept == 1)
    rest = WORK * (1 / share - 1) - module.SLICE / SHARE
    clock.advance(rest - 60)
    await asyncio.sleep(0)
    assert not following.done()
    assert home.heard == 1
    clock.advance(120)
    await following
    assert home.heard == 2


async def test_what_takes_little_is_not_kept_waiting(clock: Clock) -> None:
    home = Home(Heartbeat(tops={}))
    async for _ in home.replies:
        if home.heard == 1_000:
            break
    assert home.kept == 0


async def test_small_pieces_add_up(clock: Clock) -> None:
    home = Home(Heartbeat(tops={}))
    for _ in range(3):
        await anext(home.replies)
        clock.advance(30)
    following = asyncio.create_task(anext(home.replies))
    await eventually(lambda: home.kept == 1)
    clock.advance(240)
    await following
    assert home.kept == 1


async def test_time_in_which_it_says_nothing_is_given_back(clock: Clock) -> None:
    kept: list[None] = []

    async def slow() -> AsyncIterator[Reply]:
        for _ in range(10):
            clock.advance(600)
            yield Heartbeat(tops={})

    async def keep() -> None:
        kept.append(None)

    async for _ in FairReplies(slow(), keep):
        clock.advance(30)
    assert not kept
