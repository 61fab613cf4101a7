"""A journal on a real file, and the record of what it told after its commits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.chat.journal import Journal
from lanchat.chat.protocol import Event

Commits = list[tuple[str, list[int]]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the journal's file is."""
    return tmp_path / "lanchat.db"


@pytest.fixture
def commits() -> Commits:
    """Room and seqs of everything that the journal told, in its order."""
    return []


@pytest.fixture
async def journal(database: Path, commits: Commits) -> AsyncIterator[Journal]:
    async def note(room: str, events: list[Event]) -> None:
        commits.append((room, [event.seq for event in events]))

    async with Journal(database, note) as journal:
        yield journal
