"""Nobody who says something waits for the index, and nobody who searches misses what was said."""

import asyncio

import pytest

from lanchat.journal import Journal, indexer
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.rooms.said import draft, record


def noted(journal: Journal) -> int:
    return int(journal._reader.execute("SELECT sum(seq) FROM noted").get or 0)


async def fill(journal: Journal, count: int) -> None:
    await journal.put_room(record())
    await asyncio.gather(*(journal.append(draft(f"word{number}")) for number in range(count)))


async def test_while_people_talk_the_index_waits(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "QUIET", 60.0)
    await fill(journal, 50)
    assert noted(journal) == 0
    await journal.append(draft("more"))
    assert noted(journal) == 0


async def test_when_it_is_quiet_the_index_follows(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(indexer, "QUIET", 60.0)
    await fill(journal, 250)
    clock.advance(60)
    await eventually(lambda: noted(journal) == 250)


async def test_it_does_not_fall_too_far_behind(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "FAR_BEHIND", 100)
    monkeypatch.setattr(indexer, "QUIET", 60.0)
    await fill(journal, 99)
    assert noted(journal) == 0
    await journal.append(draft("one more"))
    await eventually(lambda: noted(journal) == 100)


async def test_a_search_finds_what_was_said_just_now(journal: Journal) -> None:
    await fill(journal, 250)
    assert [hit.event.seq for hit in (await journal.search("r1", "word249", None, 10)).hits] == [250]
    await journal.append(draft("last"))
    assert [hit.event.seq for hit in (await journal.search("r1", "last", None, 10)).hits] == [251]


async def test_what_was_not_taken_in_is_after_the_next_start(journal: Journal) -> None:
    await fill(journal, 10)
    path = journal.path
    await journal.__aexit__(None, None, None)

    async def nobody(*_: object) -> None: ...

    async with Journal(path, nobody) as again:
        assert noted(again) == 0
        assert len((await again.search("r1", "word", None, 50)).hits) == 10
