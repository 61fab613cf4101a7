"""Searches run beside everything else, and end. A search that would not end by itself stands for a slow one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import apsw
import pytest

from lanchat.errors import SearchTooSlow
from lanchat.journal import Journal
from lanchat.journal.schema import open_reader
from lanchat.journal.words import Findings, Query, Searcher, search
from lanchat.limits import Limits
from lanchat.protocol import Event
from tests.support.conditions import eventually
from tests.support.rooms.said import draft, record

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class Slow:
    """In place of `search`: works until it is told that it is over."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.running = 0
        self.ended = 0

    def __call__(self, connection: apsw.Connection, query: Query, over: Callable[[], bool]) -> Findings:
        self.running += 1
        self.begun.release()
        connection.set_progress_handler(over, 1_000)
        try:
            connection.execute(ENDLESS).fetchall()
        except apsw.InterruptError:
            raise SearchTooSlow from None
        finally:
            self.running -= 1
            self.ended += 1
            connection.set_progress_handler(None)
        raise AssertionError("it has no end")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody, Limits(search_seconds=60.0)) as journal:
        await journal.put_room(record())
        await journal.append(draft("soup"))
        yield journal


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(search, "search", slow)
    return slow


async def test_a_search_finds(journal: Journal) -> None:
    assert [hit.event.body.text for hit in (await journal.search("r1", "sou", None, 5)).hits] == ["soup"]


async def test_nobody_else_waits_for_a_slow_search_and_it_ends_when_nobody_wants_it(
    journal: Journal, slow: Slow
) -> None:
    searching = asyncio.create_task(journal.search("r1", "soup", None, 5))
    await asyncio.to_thread(slow.begun.acquire)
    for _ in range(20):
        await asyncio.wait_for(journal.after("r1", 0, 5), 60)
    assert slow.running == 1
    searching.cancel()
    await eventually(lambda: slow.running == 0)
    assert searching.cancelled()


async def test_a_search_has_only_so_much_time(journal: Journal, slow: Slow) -> None:
    searcher = Searcher(lambda: open_reader(journal.path), 0.05)
    with pytest.raises(SearchTooSlow, match="longer or rarer"):
        await asyncio.wait_for(searcher.search(Query("r1", "soup", None, 5, 16)), 60)
    await searcher.close()


async def test_a_search_that_waits_is_never_begun_when_nobody_wants_it(journal: Journal, slow: Slow) -> None:
    one, two = (asyncio.create_task(journal.search("r1", "soup", None, 5)) for _ in range(2))
    await asyncio.to_thread(slow.begun.acquire)
    two.cancel()
    one.cancel()
    await asyncio.wait({one, two})
    await eventually(lambda: slow.ended == 1)
    assert slow.running == 0


async def test_a_search_that_has_only_just_begun_leaves_nothing_open(journal: Journal) -> None:
    searcher = Searcher(lambda: open_reader(journal.path), 5.0)
    searching = asyncio.create_task(searcher.search(Query("r1", "soup", None, 5, 16)))
    await asyncio.sleep(0)
    searching.cancel()
    await searcher.close()
    await asyncio.wait({searching})
