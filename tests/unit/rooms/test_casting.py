"""A living room that is numbered elsewhere from one moment to the next."""

import pytest

from lanchat.errors import DiskFull
from lanchat.journal import Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.rooms import succession
from lanchat.rooms.casting import Casting
from lanchat.rooms.room import Room
from tests.support.rooms.members import FakeNetwork
from tests.support.rooms.said import HERE, THERE, draft, record

SHARED = succession.SHARED


@pytest.fixture
def casting(journal: Journal) -> Casting:
    return Casting(HERE, journal, FakeNetwork(), lambda: None, Limits())


async def room_of(casting: Casting, journal: Journal, layer: InMemoryChannelLayer) -> Room:
    await journal.put_room(record("r1"))
    return Room(record("r1"), HERE, journal, layer, casting.role, seat=casting.seat)


async def test_what_is_said_while_nobody_numbers_is_numbered_once_and_in_its_order(
    casting: Casting, journal: Journal, layer: InMemoryChannelLayer
) -> None:
    room = await room_of(casting, journal, layer)
    await room.post(draft("one"))
    await casting.rehome(room, record("r1", home=SHARED))
    assert (room.kind, room.seat) == ("mirror", None)
    waiting = [room.post(draft(text)) for text in ("two", "three")]
    moving = casting.rehome(room, record("r1"))
    waiting.append(room.post(draft("four")))
    await moving
    await room.post(draft("five"))
    assert (room.kind, room.seat is not None) == ("home", True)
    assert [event.body.text for event in await journal.after("r1", 0, 9)] == ["one", "two", "three", "four", "five"]
    assert await journal.outbox("r1") == []
    await room.close()


async def test_what_is_not_kept_leaves_everything_as_it_was(
    casting: Casting, journal: Journal, layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await room_of(casting, journal, layer)

    def full(_record: object) -> None:
        raise DiskFull

    monkeypatch.setattr(journal.ledgers, "leave", full)
    seat = room.seat
    with pytest.raises(DiskFull):
        await casting.rehome(room, record("r1", home=THERE))
    assert (room.kind, room.record, room.seat) == ("home", record("r1"), seat)
    await room.post(draft("goes on"))
    assert room.top == 1
    await room.close()


async def test_a_mirror_of_another_home_has_a_seat(
    casting: Casting, journal: Journal, layer: InMemoryChannelLayer
) -> None:
    room = await room_of(casting, journal, layer)
    await casting.rehome(room, record("r1", home=THERE))
    assert (room.kind, room.seat is not None) == ("mirror", True)
    assert [each.home for each in await journal.rooms()] == [THERE]
    await room.close()
