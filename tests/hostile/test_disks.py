"""Voters whose disks are full: nothing that was acknowledged is lost, and everything goes on once there is room."""

import asyncio
from pathlib import Path

import pytest

from lanchat.errors import DiskFull
from tests.support.conditions import eventually
from tests.support.rooms.company import Company, company

LONG_TEXT = "x" * 3_000
"""A text for which a full disk has no room."""


async def said(nodes: Company, name: str, text: str) -> bool:
    """Say something until it is refused for a full disk or taken; gives whether it was acknowledged."""
    try:
        return await nodes.say(name, text) is not None
    except DiskFull:
        return False


@pytest.mark.parametrize(
    ("full", "speaker", "acknowledged"),
    [(("c",), "a", True), (("a",), "b", False), (("a", "b", "c"), "a", False)],
    ids=["at one voter", "at the home", "at all"],
)
async def test_a_full_disk(tmp_path: Path, full: tuple[str, ...], speaker: str, acknowledged: bool) -> None:
    async with company(tmp_path, "a", "b", "c") as nodes:
        await nodes.voting(3)
        await nodes.say("a", "before")
        await nodes.all_have(["before"])
        for name in full:
            await nodes.fill(name)
        texts = [f"{number} {LONG_TEXT}" for number in range(20)]
        answers = [asyncio.create_task(said(nodes, speaker, text)) for text in texts]
        if acknowledged:
            assert all(await asyncio.gather(*answers))
        for name in full:
            await nodes.free(name)
        await asyncio.gather(*answers)
        await eventually(lambda: nodes.home() != "", what="somebody is home")
        await nodes.say(nodes.home(), "after")

        async def same() -> bool:
            there = [await nodes.texts(name) for name in nodes.servers]
            return all(each == there[0] for each in there) and there[0][-1:] == ["after"]

        await eventually(same, what="all have the same")  # type: ignore[arg-type]
        kept = await nodes.texts("a")
        assert len(set(kept)) == len(kept)
        sure = texts if acknowledged else []
        assert [text for text in kept if text in sure] == sure
