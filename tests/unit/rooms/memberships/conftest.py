"""The rooms of a node, and what its people have not read in them."""

from collections.abc import AsyncIterator

import pytest

from lanchat.journal import Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify import Notifications
from lanchat.protocol import Event
from lanchat.rooms import MembershipBook, RoomRegistry
from tests.support.rooms.said import HERE, record


@pytest.fixture
async def rooms(journal: Journal, layer: InMemoryChannelLayer) -> AsyncIterator[RoomRegistry]:
    """Two rooms that have their home here, r1 and r2."""
    for room in ("r1", "r2"):
        await journal.put_room(record(room, f"Room {room}"))
    rooms = RoomRegistry(HERE, journal, layer, lambda: None, Notifications(layer))
    await rooms.load()
    yield rooms
    await rooms.close()


@pytest.fixture
def book(journal: Journal, rooms: RoomRegistry) -> MembershipBook:
    """A book that counts when the test says so, by `tell`."""
    book = MembershipBook(journal.memberships, rooms)

    async def publish(room: str, events: list[Event]) -> None:
        await rooms.publish(room, events)
        book.note(room, events)

    journal.on_commit = publish
    return book
