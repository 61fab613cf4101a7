"""Voters whose disks are full: nothing that was acknowledged is lost, and everything goes on once there is room."""

import asyncio
import shutil
from pathlib import Path

import pytest

from lanchat.errors import DiskFull
from tests.support.conditions import eventually
from tests.support.rooms.company import Company, company

LONG_TEXT = "x" * 3_000
"""A text for which a full disk has no room."""


async def said(nodes: Company, name: str, text: str) -> str:
    """Say something; gives whether that was acknowledged, waits, or was refused."""
    try:
        return "waits" if await nodes.say(name, text) is None else "acknowledged"
    except DiskFull:
        return "refused"


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
            assert set(await asyncio.gather(*answers)) == {"acknowledged"}
        for name in full:
            await nodes.free(name)
        became = await asyncio.gather(*answers)
        sure = [text for text, answer in zip(texts, became, strict=True) if answer != "refused"]
        await eventually(lambda: nodes.home() != "", what="somebody is home")
        await nodes.say(nodes.home(), "after")

        async def same() -> bool:
            there = [await nodes.texts(name) for name in nodes.servers]
            return all(each == there[0] for each in there) and {*sure, "after"} <= set(there[0])

        await eventually(same, what="all have the same")  # type: ignore[arg-type]
        kept = await nodes.texts("a")
        assert len(set(kept)) == len(kept)
        assert [text for text in kept if text in sure] == sure


async def test_a_home_whose_disk_is_an_older_copy_follows_the_home_of_now(tmp_path: Path) -> None:
    async with company(tmp_path, "a") as nodes:
        await nodes.say("a", "one")
        await nodes.stop("a")
        shutil.copytree(tmp_path / "a", tmp_path / "older")
        await nodes.start("a")
        await nodes.join("b")
        await nodes.join("c")
        await nodes.voting(3)
        await nodes.say("a", "two")
        await nodes.all_have(["one", "two"])
        await nodes.stop("a")
        await eventually(lambda: nodes.home() != "", what="another node is home")
        shutil.rmtree(tmp_path / "a")
        shutil.move(tmp_path / "older", tmp_path / "a")
        await nodes.start("a")
        await eventually(lambda: nodes.at("a").kind == "mirror" and nodes.at("a").info.online, what="it follows")
        await nodes.say("a", "three")
        await nodes.all_have(["one", "two", "three"])
