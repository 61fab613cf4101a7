"""A journal on a real file, what it told after its commits, and rooms on a layer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from lanchat.journal import Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import Event
from lanchat.protocol.codec import encode
from lanchat.rooms.room import Room
from tests.support.rooms.members import FakeUpstream, home_of, mirror_of
from tests.support.rooms.said import HERE, THERE, record

Commits = list[tuple[str, list[int]]]

settings.register_profile("patient", deadline=None)  # a test that fails on a busy machine tells nothing
settings.load_profile("patient")


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


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@pytest.fixture
async def published(database: Path, layer: InMemoryChannelLayer) -> AsyncIterator[Journal]:
    """A journal with a home `r1` and a mirror `m1`, whose commits reach the layer."""

    async def publish(room: str, events: list[Event]) -> None:
        frames = [encode(event) for event in events]
        message = {"type": "room.events", "room": room, "first": events[0].seq, "frames": frames}
        await layer.group_send(f"room.{room}", message)

    async with Journal(database, publish) as journal:
        await journal.put_room(record())
        await journal.put_room(record("m1", home=THERE))
        yield journal


@pytest.fixture
async def home(published: Journal, layer: InMemoryChannelLayer) -> AsyncIterator[Room]:
    room = home_of(record(), HERE, published, layer)
    yield room
    await room.close()


@pytest.fixture
def upstream() -> FakeUpstream:
    return FakeUpstream()


@pytest.fixture
async def mirror(published: Journal, layer: InMemoryChannelLayer, upstream: FakeUpstream) -> AsyncIterator[Room]:
    room = mirror_of(record("m1", home=THERE), HERE, published, layer, upstream)
    yield room
    await room.close()
