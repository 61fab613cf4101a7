import asyncio

import msgspec

from lanchat.journal import ALL, FIRST, PIECE, Journal, LedgerRecord, Logged, Numbered, Turn
from lanchat.protocol import Event
from tests.support.rooms.said import HERE, THERE, draft, event, record


async def test_what_is_numbered_is_told_before_it_is_published(journal: Journal) -> None:
    told: list[tuple[str, int]] = []

    async def publish(_room: str, events: list[Event]) -> None:
        told.append(("published", len(events)))

    await journal.put_room(record())
    await journal.append(draft("one"))
    assert await journal.ledgers.rooms() == set()
    ledger = await journal.ledgers.found("r1", "me", "first")
    assert await journal.ledgers.rooms() == {"r1"}
    assert (ledger.acknowledged, ledger.base) == (1, 1)
    journal.ledgers.on_logged = lambda _, entries: told.append(("logged", entries[-1].place))
    journal.on_commit = publish
    await journal.append(draft("two"))
    await journal.ledgers.turn("r1", "voters", alone=False)
    kept = await journal.append(draft("three"))
    assert told == [("logged", 2), ("published", 1), ("logged", 3), ("logged", 4)]
    assert (kept.place, journal.top("r1")) == (4, 2)
    await journal.ledgers.acknowledge("r1", 4)
    assert (told[-1], journal.top("r1")) == (("published", 1), 3)


async def test_a_new_home_numbers_what_waits_and_a_former_one_follows(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    await journal.ledgers.put("r1", LedgerRecord("me", 1, "", 1, "first", 0))
    await journal.enqueue(draft("waits", nonce="waits"))
    home = msgspec.structs.replace(record(), term=2, home=HERE)
    assert await journal.ledgers.begin(home, 0, alone=True) == Numbered([], 1, more=False)
    assert [each.body.text for each in await journal.after("r1", 0, 9)] == ["waits"]
    assert await journal.outbox("r1") == []
    await journal.ledgers.vote("r1", 3, "other")
    await journal.ledgers.follow(msgspec.structs.replace(record(home=THERE), term=3), 2)
    kept = await journal.ledgers.load("r1")
    assert kept is not None
    assert (kept.term, kept.vote, kept.acknowledged, kept.turns) == (3, "other", 2, (Turn(1, 2, 0, alone=True),))
    assert [(room.home, room.term) for room in await journal.rooms()] == [(THERE, 3)]


async def test_entries_of_a_home_are_kept_and_shown_when_they_are_acknowledged(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    await journal.ledgers.put("r1", LedgerRecord("me", 1, "", 1, "first", 0))
    await journal.ledgers.store("r1", 0, [Logged(1, 1, event(1)), Logged(2, 1, event(2))])
    assert journal.top("r1") == 0
    await journal.mirror("r1", [event(1)])  # by the link, which may be faster
    await journal.ledgers.acknowledge("r1", 2)
    assert journal.top("r1") == 2
    assert await journal.ledgers.entries("r1", 0, 2, 9_999) == [Logged(1, 1, event(1)), Logged(2, 1, event(2))]
    await journal.ledgers.settle()
    assert await journal.ledgers.number_waiting("r1") == Numbered([], FIRST, more=False)


async def test_who_goes_on_alone_is_home_at_once_and_who_joins_has_no_log(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    await journal.mirror("r1", [event(1)])
    await journal.enqueue(draft("waits"))
    ledger, numbered = await journal.ledgers.claim(msgspec.structs.replace(record(), term=4), "me", "first")
    assert (ledger.term, ledger.vote, ledger.acknowledged, numbered.refused) == (4, "me", 1, [])
    assert journal.top("r1") == 2
    assert not await journal.ledgers.retreat("r1", 1)
    await journal.ledgers.leave(msgspec.structs.replace(record(home=THERE), term=5))
    assert (journal.top("r1"), await journal.ledgers.load("r1")) == (1, None)
    assert [each.body.text for _, each in await journal.outbox("r1")] == ["waits"]


async def test_what_waits_is_numbered_in_pieces_in_its_order(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    await journal.ledgers.put("r1", LedgerRecord("me", 1, "", 1, "first", 0))
    said = [str(number) for number in range(PIECE + 7)]
    await asyncio.gather(*(journal.enqueue(draft(text, nonce=f"nonce {text}")) for text in said))
    begun = await journal.ledgers.begin(msgspec.structs.replace(record(), term=2, home=HERE), 0, alone=False)
    assert begun == Numbered([], PIECE, more=True)
    assert len(await journal.ledgers.entries("r1", 0, PIECE + 1, 2**30)) == PIECE + 1
    ended = await journal.ledgers.number_waiting("r1", begun.place)
    assert ended == Numbered([], PIECE + 7, more=False)
    assert await journal.ledgers.number_waiting("r1", ended.place, most=ALL) == Numbered([], PIECE + 7, more=False)
    entries = await journal.ledgers.entries("r1", 0, PIECE + 8, 2**30)
    assert [entry.event.body.text for entry in entries if entry.event is not None] == said
