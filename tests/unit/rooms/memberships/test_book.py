import asyncio
import random
from collections.abc import Awaitable

import pytest
from msgspec.structs import replace

from lanchat.errors import NotJoined
from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import Body, Membership, Memberships, Prefer
from lanchat.rooms import MembershipBook, Room, RoomRegistry
from lanchat.rooms.memberships import book as books
from tests.support.conditions import eventually
from tests.support.rooms.said import ADA, BOB, THERE, draft, record
from tests.support.sessions import Recorder


class Screen(Recorder):
    """A client, and the memberships as it knows them by what it was sent."""

    @property
    def shown(self) -> dict[str, Membership]:
        shown: dict[str, Membership] = {}
        for frame in self.heard:
            assert isinstance(frame, Memberships)
            shown = {room: known for room, known in shown.items() if not frame.whole and room not in frame.gone}
            shown |= {membership.room: membership for membership in frame.rooms}
        return shown

    @property
    def numbers(self) -> dict[str, tuple[int, int]]:
        return {room: (known.unread, known.mentions) for room, known in self.shown.items()}


@pytest.fixture
async def room(rooms: RoomRegistry) -> Room:
    return rooms.get("r1")


async def say(room: Room, *texts: str) -> None:
    for text in texts:
        await room.post(draft(text, room=room.id, author=BOB))


async def test_what_was_said_before_somebody_came_is_not_unread(book: MembershipBook, room: Room) -> None:
    await say(room, "before")
    screen = Screen()
    await book.arrive(ADA, screen)
    assert screen.heard == [Memberships(whole=True)]
    book.enter(ADA.id, room)
    await say(room, "one", "@Ada two")
    await book.tell()
    assert screen.numbers == {"r1": (2, 1)}
    await room.post(draft("my own"))
    await book.tell()
    assert screen.numbers == {"r1": (2, 1)}


async def test_it_is_the_same_at_every_client_and_after_the_person_was_away(
    book: MembershipBook, room: Room, journal: Journal, rooms: RoomRegistry
) -> None:
    first, second = Screen(), Screen()
    await book.arrive(ADA, first)
    book.enter(ADA.id, room)
    await say(room, "one", "two", "three")
    await book.arrive(ADA, second)
    book.read(ADA.id, room, 1)
    book.prefer(ADA.id, Prefer(room="r1", notices="mentions", favourite=True, view=1))
    await book.tell()
    assert first.shown == second.shown
    assert first.numbers == {"r1": (2, 0)}
    for screen in (first, second):
        book.leave(ADA.id, screen)
    await say(room, "@ada four")
    assert second.numbers == {"r1": (2, 0)}
    await book.close()
    later, again = Screen(), MembershipBook(journal.memberships, rooms)
    await again.arrive(ADA, later)
    assert later.shown["r1"] == replace(first.shown["r1"], unread=3, mentions=1)


async def test_marking_as_unread_goes_back_and_reading_does_not(book: MembershipBook, room: Room) -> None:
    screen = Screen()
    await book.arrive(ADA, screen)
    book.enter(ADA.id, room)
    await say(room, *"abcd")
    book.read(ADA.id, room, 3)
    book.read(ADA.id, room, 1)
    await book.tell()
    assert screen.numbers == {"r1": (1, 0)}
    book.read(ADA.id, room, 1, back=True)
    await book.tell()
    assert screen.numbers == {"r1": (3, 0)}
    book.read(ADA.id, room, 10**9)
    await book.tell()
    assert (screen.numbers, screen.shown["r1"].read) == ({"r1": (0, 0)}, 4)


async def test_everything_can_be_read_at_once(book: MembershipBook, rooms: RoomRegistry) -> None:
    screen = Screen()
    await book.arrive(ADA, screen)
    for room in rooms:
        book.enter(ADA.id, room)
        await say(room, "one", "two")
    await book.tell()
    assert screen.numbers == {"r1": (2, 0), "r2": (2, 0)}
    book.read_all(ADA.id)
    await book.tell()
    assert screen.numbers == {"r1": (0, 0), "r2": (0, 0)}


async def test_a_room_that_was_left_for_good_is_not_counted(book: MembershipBook, room: Room, journal: Journal) -> None:
    screen = Screen()
    await book.arrive(ADA, screen)
    book.enter(ADA.id, room)
    await book.tell()
    await book.quit(ADA.id, "r1")
    await say(room, "one")
    await book.tell()
    assert screen.shown == {}
    assert await journal.memberships.of_person(ADA.id) == []
    with pytest.raises(NotJoined):
        book.prefer(ADA.id, Prefer(room="r1", favourite=True))


async def test_rooms_stand_where_they_were_put(book: MembershipBook, rooms: RoomRegistry) -> None:
    screen = Screen()
    await book.arrive(ADA, screen)
    for room in rooms:
        book.enter(ADA.id, room)
    book.arrange(ADA.id, ["r2", "nowhere", "r1"])
    await book.tell()
    assert {room: shown.place for room, shown in screen.shown.items()} == {"r2": 1, "r1": 3}
    book.arrange(ADA.id, ["r1"])
    await book.tell()
    assert {room: shown.place for room, shown in screen.shown.items()} == {"r2": 0, "r1": 1}


async def test_a_room_that_is_forgotten_goes_and_one_that_replaces_it_comes(
    book: MembershipBook, rooms: RoomRegistry, journal: Journal
) -> None:
    screen = Screen()
    await book.arrive(ADA, screen)
    for room in rooms:
        book.enter(ADA.id, room)
    await book.tell()
    other: RoomRecord = record("r9", "Room r2", THERE)
    assert await journal.replace_room("r2", other)
    await rooms.settle(record("r9", "Room r2"))
    rooms._rooms.pop("r2")
    await rooms.forget(rooms.get("r1"))
    book.rooms_changed()
    await book.tell()
    assert set(screen.shown) == {"r9"}


async def test_very_many_messages_at_once_are_counted_in_the_journal(
    book: MembershipBook, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "MOST_WAITING", 5)
    screen = Screen()
    await book.arrive(ADA, screen)
    book.enter(ADA.id, room)
    await book.tell()
    await asyncio.gather(*(room.post(draft(str(number), author=BOB)) for number in range(40)))
    assert len(book._fresh["r1"]) <= 5 + 40
    await book.tell()
    assert screen.numbers == {"r1": (40, 0)}


async def test_changes_are_told_and_kept_by_themselves(
    book: MembershipBook, room: Room, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "PAUSE", 0.01)
    running, screen = asyncio.create_task(book.run()), Screen()
    await book.arrive(ADA, screen)
    book.enter(ADA.id, room)
    await say(room, "one")
    await eventually(lambda: screen.numbers == {"r1": (1, 0)})
    book.read(ADA.id, room, 1)

    async def kept() -> bool:
        return [known.read for known in await journal.memberships.of_person(ADA.id)] == [1]

    def check() -> bool | Awaitable[bool]:
        return kept()

    await eventually(check)
    running.cancel()
    await asyncio.wait({running})


def test_the_more_are_told_the_longer_is_the_pause() -> None:
    assert [books.pause_after(told) for told in (0, 1, 60, 100, 250, 100_000)] == [0.25, 0.25, 0.25, 0.4, 1.0, 1.0]


async def test_it_says_how_many_people_it_has_told(book: MembershipBook, room: Room) -> None:
    for author in (ADA, BOB):
        await book.arrive(author, Screen())
        book.enter(author.id, room)
    assert await book.tell() == 2
    assert await book.tell() == 0
    await say(room, "one")
    assert await book.tell() == 1  # nothing has changed for Bob, who said it


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_what_is_shown_is_what_the_journal_has(
    book: MembershipBook, rooms: RoomRegistry, journal: Journal, seed: int
) -> None:
    chance, screen = random.Random(seed), Screen()
    said: dict[str, list[str]] = {room.id: [] for room in rooms}
    await book.arrive(ADA, screen)
    for room in rooms:
        book.enter(ADA.id, room)
    for step in range(120):
        room = rooms.get(chance.choice(["r1", "r2"]))
        match chance.randrange(8):
            case 0 | 1 | 2:
                text = chance.choice(["plain", "@ada", "@Adam", "@ADA!"])
                nonce = f"{room.id} {step}"
                await room.post(draft(text, room=room.id, nonce=nonce, author=chance.choice([ADA, BOB, BOB])))
                said[room.id].append(nonce)
            case 3 if said[room.id]:
                nonce = said[room.id].pop(chance.randrange(len(said[room.id])))
                event = next(e for e in await journal.after(room.id, 0, 500) if e.nonce == nonce)
                gone = replace(draft(room=room.id, author=event.author), kind="deletion", body=Body(target=nonce))
                await room.post(gone)
            case 4:
                book.read(ADA.id, room, chance.randint(0, room.top + 2), back=chance.random() < 0.5)
            case 5:
                book.leave(ADA.id, screen)
                await book.arrive(ADA, screen)
            case 6:
                await book.tell()
            case _:
                pass
    await book.tell()
    await book.tell()
    for room in rooms:
        shown = screen.shown[room.id]
        assert (shown.unread, shown.mentions) == await by_hand(journal, room.id, shown.read)


async def by_hand(journal: Journal, room: str, read: int) -> tuple[int, int]:
    """What Ada has not read, from all events of a room."""
    events = await journal.after(room, 0, 500)
    gone = {event.body.target for event in events if event.kind == "deletion"}
    unread = [
        event.body.text
        for event in events
        if event.kind == "message" and event.seq > read and event.author != ADA and event.nonce not in gone
    ]
    return len(unread), sum(text.lower().removesuffix("!") == "@ada" for text in unread)


async def test_much_that_is_said_at_once_is_counted_in_pieces_between_which_others_have_their_turn(
    book: MembershipBook, room: Room
) -> None:
    screen, turns = Screen(), 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    await book.arrive(ADA, screen)
    book.enter(ADA.id, room)
    await say(room, *["@Ada"] * (3 * books.PIECE))
    beside = asyncio.create_task(others())
    await book._take_fresh()
    beside.cancel()
    assert turns >= 2
    await book.tell()
    assert screen.numbers == {"r1": (3 * books.PIECE, 3 * books.PIECE)}
