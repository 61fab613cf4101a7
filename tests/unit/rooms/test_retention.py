"""What need not be kept goes, from a real database."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.journal import Journal
from lanchat.rooms import retention as upkeep
from lanchat.rooms.retention import RetentionTask
from tests.support.conditions import eventually
from tests.support.rooms.said import HERE, THERE, draft, event, record

DAY = 86_400_000


async def nobody(room: str, events: object) -> None: ...


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    """A room of this node with 500 entries of today, and a mirror with one a day for ten days."""
    async with Journal(tmp_path / "lanchat.db", nobody) as journal:
        await journal.put_room(record("home", name="Kitchen"))
        await journal.put_room(record("copy", name="Garden", home=THERE))
        await asyncio.gather(*(journal.append(draft(f"secret {n}", room="home")) for n in range(500)))
        now = time.time_ns() // 1_000_000
        await journal.mirror("copy", [event(n, room="copy", at=now - (10 - n) * DAY - 1_000) for n in range(1, 11)])
        yield journal


@pytest.mark.parametrize(
    ("days", "messages", "home", "copy"), [(0, 3, 498, 8), (4, 0, 1, 7), (4, 2, 499, 9), (100_000_000, 0, 1, 1)]
)
async def test_rooms_get_as_short_as_wanted(journal: Journal, days: int, messages: int, home: int, copy: int) -> None:
    removed = await RetentionTask(journal, days=days, messages=messages).tidy()
    assert (journal.oldest("home"), journal.oldest("copy")) == (home, copy)
    assert removed == home + copy - 2
    assert [kept.seq for kept in await journal.after("home", 0, 999)] == list(range(home, 501))
    assert (journal.top("home"), journal.top("copy")) == (500, 10)


@pytest.mark.parametrize(("days", "mirror_days", "copy"), [(0, 4, 7), (2, 4, 9), (8, 4, 7), (4, 0, 7)])
async def test_copies_of_the_rooms_of_others_have_an_age_of_their_own(
    journal: Journal, days: int, mirror_days: int, copy: int
) -> None:
    await RetentionTask(journal, days=days, messages=0, mirror_days=mirror_days, here=HERE.id).tidy()
    assert (journal.oldest("home"), journal.oldest("copy")) == (1, copy)


async def test_only_what_was_removed_is_told_and_no_text(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, upkeep.__name__)
    keeper = RetentionTask(journal, days=0, messages=100)
    await keeper.tidy()
    assert "400 entries of room 'Kitchen'" in caplog.text
    assert "Garden" not in caplog.text
    assert "secret" not in caplog.text
    caplog.clear()
    await keeper.tidy()
    assert caplog.text == ""


async def test_everything_is_kept_unless_somebody_wants_less(journal: Journal) -> None:
    await asyncio.wait_for(RetentionTask(journal, days=0, messages=0).run(), 60)
    assert journal.oldest("home") == 1


async def test_it_goes_on_by_itself(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BETWEEN", 0.01)
    running = asyncio.create_task(RetentionTask(journal, days=0, messages=10).run())
    await eventually(lambda: journal.oldest("home") == 491)
    await journal.append(draft("one more", room="home"))
    await eventually(lambda: journal.oldest("home") == 492)
    running.cancel()
    await asyncio.wait({running})


async def test_a_database_that_fails_is_tried_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "BETWEEN", 0.01)
    keeper = RetentionTask(journal, days=0, messages=10)
    await journal.__aexit__(None, None, None)
    running = asyncio.create_task(keeper.run())
    await eventually(lambda: caplog.text.count("stays for an hour longer") >= 2)
    running.cancel()
    await asyncio.wait({running})
