"""Waiting for a rule to come back from its room."""

import asyncio

import pytest

from lanchat.errors import NotModerator
from lanchat.rooms.door.echoes import Echoes


async def test_who_waits_hears_of_their_own_rule_only() -> None:
    echoes = Echoes()
    with echoes.expect("mine") as mine, echoes.expect("theirs") as theirs:
        echoes.heard("mine")
        echoes.heard("mine")
        echoes.heard("nobody's")
        await mine
        assert not theirs.done()


async def test_a_refusal_is_raised_where_somebody_waits_and_told_where_nobody_does() -> None:
    echoes = Echoes()
    assert not echoes.refused("mine", NotModerator())
    with echoes.expect("mine") as mine:
        assert echoes.refused("mine", NotModerator("No."))
        assert echoes.refused("mine", NotModerator("No."))
        with pytest.raises(NotModerator, match="No"):
            await mine
    assert not echoes.refused("mine", NotModerator())


async def test_nothing_is_left_behind_of_who_gave_up() -> None:
    echoes = Echoes()
    with pytest.raises(TimeoutError), echoes.expect("mine") as mine:
        async with asyncio.timeout(0):
            await mine
    echoes.heard("mine")
    assert mine.cancelled()
