from collections.abc import AsyncIterator

import pytest

from lanchat.errors import JournalFailed
from lanchat.identity import Owner, Seal
from lanchat.journal import Draft, Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Author, Body
from lanchat.rooms.door import Doorkeeper
from lanchat.rooms.purging import PIECE, Left, purge
from lanchat.rooms.registry import RoomRegistry
from tests.support.identity import MAX, key
from tests.support.rooms.said import ADA, HERE

EVE = Author(id="eve-eve-eve", nick="Eve")


@pytest.fixture
def owner(journal: Journal) -> Owner:
    """The person of this node, who owns its rooms."""
    return Owner(journal, key(1), "Owner")


@pytest.fixture
async def registry(journal: Journal, owner: Owner) -> AsyncIterator[RoomRegistry]:
    async with InMemoryChannelLayer() as layer:
        doors = Doorkeeper(journal.doors, owner.author.id)
        rooms = RoomRegistry(HERE, journal, layer, lambda: None, Notifications(layer), doors=doors)
        journal.on_commit = rooms.publish
        yield rooms


async def say(registry: RoomRegistry, room: str, author: Author, count: int, word: str = "x") -> None:
    for number in range(count):
        await registry.get(room).post(Draft(room, f"{word} {number} of {author.id}", author, Body(text=word)))


async def test_messages_of_some_are_deleted_piece_by_piece(
    registry: RoomRegistry, journal: Journal, owner: Owner
) -> None:
    room = (await registry.open("hall")).id
    await say(registry, room, EVE, PIECE + 5)
    await say(registry, room, ADA, 2)
    assert await purge(registry, journal, owner, {EVE.id}, (), since=0, dry=True) == Left(PIECE + 5, 0)
    assert journal.top(room) == PIECE + 7
    assert await purge(registry, journal, owner, {EVE.id}, (), since=0, dry=False) == Left(PIECE + 5, 0)
    assert await journal.said_by(room, [EVE.id], 0, 0, 9) == []
    assert len(await journal.said_by(room, [ADA.id], 0, 0, 9)) == 2
    assert await purge(registry, journal, owner, {EVE.id}, (), since=0, dry=False) == Left(0, 0)


async def test_what_is_older_stays(registry: RoomRegistry, journal: Journal, owner: Owner) -> None:
    room = (await registry.open("hall")).id
    await say(registry, room, EVE, 3)
    times = [event.at for event in await journal.after(room, 0, 9)]
    assert await purge(registry, journal, owner, {EVE.id}, (), since=times[-1] + 1, dry=False) == Left(0, 0)
    assert (await purge(registry, journal, owner, {EVE.id}, (), since=times[0], dry=False)).posts == 3


async def test_a_room_in_which_somebody_else_spoke_is_not_forgotten(
    registry: RoomRegistry, journal: Journal, owner: Owner
) -> None:
    alone, shared = (await registry.open("alone")).id, (await registry.open("shared")).id
    for room in (alone, shared):
        await say(registry, room, EVE, 1)
    await say(registry, shared, ADA, 1)
    assert await purge(registry, journal, owner, {EVE.id}, {alone, shared}, since=0, dry=True) == Left(1, 1)
    assert alone in registry
    assert await purge(registry, journal, owner, {EVE.id}, {alone, shared}, since=0, dry=False) == Left(1, 1)
    assert (alone in registry, shared in registry) == (False, True)


async def test_a_disk_that_fails_is_told(registry: RoomRegistry, journal: Journal, owner: Owner) -> None:
    room = await registry.open("hall")
    await say(registry, room.id, EVE, 1)

    def fail(draft: Draft) -> object:
        raise JournalFailed

    room.post = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(JournalFailed):
        await purge(registry, journal, owner, {EVE.id}, (), since=0, dry=False)


async def test_what_was_said_by_somebody_with_a_key_is_hidden_because_nobody_signs_for_them(
    registry: RoomRegistry, journal: Journal, owner: Owner
) -> None:
    room = await registry.open("hall")
    for number in range(3):
        draft = Draft(room.id, f"n{number}", MAX, Body(text="x"))
        await room.post(Seal(key(2)).said(draft))
    await room.post(owner.seal.said(Draft(room.id, "mine", owner.author, Body(text="mine"))))
    assert await purge(registry, journal, owner, {MAX.id}, (), since=0, dry=True) == Left(3, 0)
    assert await purge(registry, journal, owner, {MAX.id}, (), since=0, dry=False) == Left(3, 0)
    events = await journal.after(room.id, 0, 9)
    assert [event.kind for event in events] == ["message"] * 4 + ["rule"]
    assert [room.door.policy.hides(event) for event in events] == [True] * 3 + [False] * 2
    assert await purge(registry, journal, owner, {MAX.id}, (), since=0, dry=False) == Left(0, 0)
