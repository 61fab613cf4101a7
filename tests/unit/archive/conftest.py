"""A journal with a room in which things were said, and a reader of its database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lanchat.journal import Journal, Reader
from tests.support.archive.shelf import Shelf
from tests.support.journal.sayings import deletion, edit, reaction
from tests.support.rooms.said import BOB, draft, record


@pytest.fixture
async def said(journal: Journal) -> Journal:
    """A journal with the room r1, in which this was said."""
    await journal.put_room(record())
    for item in (
        draft("Grüße <b>& mehr</b>\nzweite Zeile", nonce="greeting"),
        draft("to be changed", nonce="draft"),
        edit("draft", "changed"),
        reaction("greeting", "👍"),
        draft("to be deleted", nonce="slip", author=BOB),
        deletion("slip", BOB),
    ):
        await journal.append(item)
    return journal


@pytest.fixture
def reader(said: Journal) -> Iterator[Reader]:
    with Reader(said.path) as reader:
        yield reader


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Journal]:
    """Another journal, with nothing in it."""

    async def ignore(*_: object) -> None:
        """Nobody listens."""

    async with Journal(tmp_path / "other.db", ignore) as journal:
        yield journal


@pytest.fixture
def shelf(empty: Journal) -> Shelf:
    return Shelf(empty)
