from collections.abc import AsyncIterator

import pytest

from lanchat.errors import JournalFailed
from lanchat.journal import Draft, Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Author, Body
from lanchat.rooms.clearing import PIECE, Left, clear
from lanchat.rooms.registry import RoomRegistry
from tests.support.rooms.said import ADA, HERE

EVE = Author(id="eve-eve-eve", nick="Eve")


@pytest.fixture
async def registry(journal: Journal) -> AsyncIterator[RoomRegistry]:
    async with InMemoryChannelLayer() as layer:
        rooms = RoomRegistry(HERE, journal, layer, lambda: None, Notifications(layer))
        journal.on_commit = rooms.publish
        yield rooms


async def say(registry: RoomRegistry, room: str, author: Author, count: int, word: str = "x") -> None:
    for number in range(count):
        await registry.get(room).post(Draft(room, f"{word} {number} of {author.id}", author, Body(text=word)))


async def test_messages_of_some_are_deleted_piece_by_piece(registry: RoomRegistry, journal: Journal) -> None:
    room = (await registry.open("hall")).id
    await say(registry, room, EVE, PIECE + 5)
    await say(registry, room, ADA, 2)
    assert await clear(registry, journal, {EVE.id}, (), 0, dry=True) == Left(PIECE + 5, 0)
    assert journal.top(room) == PIECE + 7
    assert await clear(registry, journal, {EVE.id}, (), 0, dry=False) == Left(PIECE + 5, 0)
    assert await journal.said_by(room, [EVE.id], 0, 0, 9) == []
    assert len(await journal.said_by(room, [ADA.id], 0, 0, 9)) == 2
    assert await clear(registry, journal, {EVE.id}, (), 0, dry=False) == Left(0, 0)


async def test_what_is_older_stays(registry: RoomRegistry, journal: Journal) -> None:
    room = (await registry.open("hall")).id
    await say(registry, room, EVE, 3)
    times = [event.at for event in await journal.after(room, 0, 9)]
    assert await clear(registry, journal, {EVE.id}, (), times[-1] + 1, dry=False) == Left(0, 0)
    assert (await clear(registry, journal, {EVE.id}, (), times[0], dry=False)).posts == 3


async def test_a_room_in_which_somebody_else_spoke_is_not_forgotten(registry: RoomRegistry, journal: Journal) -> None:
    alone, shared = (await registry.open("alone")).id, (await registry.open("shared")).id
    for room in (alone, shared):
        await say(registry, room, EVE, 1)
    await say(registry, shared, ADA, 1)
    assert await clear(registry, journal, {EVE.id}, {alone, shared}, 0, dry=True) == Left(1, 1)
    assert alone in registry
    assert await clear(registry, journal, {EVE.id}, {alone, shared}, 0, dry=False) == Left(1, 1)
    assert (alone in registry, shared in registry) == (False, True)


async def test_a_disk_that_fails_is_told(registry: RoomRegistry, journal: Journal) -> None:
    room = await registry.open("hall")
    await say(registry, room.id, EVE, 1)

    def fail(draft: Draft) -> object:
        raise JournalFailed

    room.post = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(JournalFailed):
        await clear(registry, journal, {EVE.id}, (), 0, dry=False)
