import pytest

from lanchat.journal import Journal, MembershipRecord, MembershipStore
from lanchat.protocol import Author, Presence
from lanchat.protocol.door import Hidden
from lanchat.protocol.policy import Policy
from lanchat.rooms import RoomRegistry
from lanchat.rooms.memberships.counting import count, fresh
from lanchat.rooms.memberships.tally import Tally
from tests.support.rooms.said import ADA, BOB, ELSEWHERE, draft, event


@pytest.fixture
async def store(journal: Journal, rooms: RoomRegistry) -> MembershipStore:
    """A room in which four messages were said, the last two to Ada."""
    for text in ("one", "two", "@ada three", "@Ada four"):
        await rooms.get("r1").post(draft(text, author=BOB))
    return journal.memberships


def mine(read: int = 0) -> Tally:
    return Tally(MembershipRecord(ADA.id, "r1", read=read))


def numbers(tally: Tally) -> tuple[int, int, int]:
    return tally.shown.read, tally.shown.unread, tally.shown.mentions


async def test_it_is_what_the_journal_has(store: MembershipStore, rooms: RoomRegistry) -> None:
    tally = mine(read=1)
    assert not await count(store, rooms.get("r1"), ADA, tally)
    assert numbers(tally) == (1, 3, 2)


async def test_a_longer_nick_of_somebody_there_is_meant(store: MembershipStore, rooms: RoomRegistry) -> None:
    room, tally = rooms.get("r1"), mine()
    longer = Author(id="longer", nick="Ada four")
    await room.presence.receive(Presence(room="r1", node=ELSEWHERE, members=[longer]))
    await count(store, room, ADA, tally)
    assert numbers(tally) == (0, 4, 1)
    arrived = fresh(room, [event(9, "@ada four")], [ADA])
    assert (arrived.unread("longer", 8), arrived.unread(ADA.id, 8)) == ((1, 1), (1, 0))


async def test_what_a_moderator_has_hidden_is_not_unread(store: MembershipStore, rooms: RoomRegistry) -> None:
    room, tally = rooms.get("r1"), mine()
    room.door.policy = Policy(hidden=(Hidden(BOB.id, 0, 4),))
    await count(store, room, ADA, tally)
    assert numbers(tally) == (0, 1, 1)


async def test_who_is_banned_is_told_nothing(store: MembershipStore, rooms: RoomRegistry) -> None:
    room, tally = rooms.get("r1"), mine()
    room.door.policy = Policy(banned=frozenset({ADA.id}))
    await count(store, room, ADA, tally)
    assert numbers(tally) == (0, 0, 0)


async def test_what_was_fetched_from_a_home_happened_before(store: MembershipStore, rooms: RoomRegistry) -> None:
    room, tally = rooms.get("r1"), mine()
    room.skip_past(3)
    assert await count(store, room, ADA, tally)
    assert numbers(tally) == (3, 1, 1)


async def test_a_place_beyond_the_end_is_that_of_another_history(store: MembershipStore, rooms: RoomRegistry) -> None:
    tally = mine(read=99)
    assert await count(store, rooms.get("r1"), ADA, tally)
    assert numbers(tally) == (4, 0, 0)
