"""How one seat gets a log and gives it up, over a real journal. With other nodes: test_seat.py."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from lanchat.errors import DiskFull
from lanchat.journal import Journal, LedgerRecord
from lanchat.journal.stores import ledgers as stores
from lanchat.protocol import LogEntry, Quorum, VoterInfo
from lanchat.rooms.quorum import Seat, wire
from lanchat.rooms.quorum import keeper as module
from lanchat.rooms.quorum.voters import Configuration, Voters
from tests.support.conditions import eventually
from tests.support.rooms.said import HERE, THERE, draft, event, record
from tests.support.rooms.seats import FakeHouse

YOU = f"{THERE.id}.{'0' * 16}"


@pytest.fixture
async def house(journal: Journal) -> FakeHouse:
    await journal.put_room(record())
    return FakeHouse()


@pytest.fixture
async def seat(journal: Journal, house: FakeHouse) -> AsyncIterator[Seat]:
    made = Seat(house, HERE, journal)
    journal.ledgers.on_logged = lambda _, entries: made.logged(entries)
    yield made
    await made.close()


async def mirrored(journal: Journal, house: FakeHouse, count: int) -> None:
    """Let the room have its home elsewhere, and so many events."""
    house.record = record(home=THERE)
    await journal.mirror("r1", [event(seq) for seq in range(1, count + 1)])


async def test_a_home_begins_a_log_with_what_was_said_and_goes_on_numbering_meanwhile(
    seat: Seat, journal: Journal
) -> None:
    await journal.append(draft("one"))
    seat.found()
    posts = [seat.post(draft(text), brought=False) for text in ("two", "three")]
    await eventually(lambda: seat.voter is not None)
    posts.append(seat.post(draft("four"), brought=False))
    assert [kept.event.seq for kept in await asyncio.gather(*posts) if kept is not None] == [2, 3, 4]
    assert seat.voter is not None
    assert (seat.voter.ledger.top, seat.voters) == (4, (seat.me,))


async def test_a_log_is_taken_over_once_everything_of_it_is_here(
    seat: Seat, journal: Journal, house: FakeHouse
) -> None:
    await mirrored(journal, house, 2)
    two = wire.electorate_of(Configuration(Voters((YOU, seat.me), YOU)), {})
    frame = Quorum(room="r1", step="install", sender=YOU, to=seat.me, port=1, term=1, of=1)
    alone = wire.electorate_of(Configuration.alone(YOU), {})

    def sent(acknowledged: int) -> Quorum:
        return replace(frame, acknowledged=acknowledged, electorate=alone, turns=[(2, 1, 1, two)])

    seat.take(sent(9), "192.0.2.5")
    seat.take(sent(3), "192.0.2.5")
    await eventually(lambda: seat.voter is not None)
    assert seat.voter is not None
    assert (seat.voter.ledger.top, seat.voters) == (3, (YOU, seat.me))
    await eventually(lambda: "appended" in [frame.step for frame, _ in house.carried])


async def test_a_log_of_before_gives_way_also_where_its_terms_are_those_of_the_one_of_now(
    seat: Seat, journal: Journal, house: FakeHouse
) -> None:
    await mirrored(journal, house, 2)
    frame = Quorum(room="r1", step="install", sender=YOU, to=seat.me, port=1, term=1, of=1, acknowledged=2)
    for tie in (f"{THERE.id}.{'1' * 16}", YOU):
        seat.take(replace(frame, electorate=wire.electorate_of(Configuration.alone(tie), {})), "192.0.2.5")
        await eventually(lambda: seat.voters == (tie,))  # noqa: B023 - it is waited for in this turn
    kept = await journal.ledgers.load("r1")
    assert kept is not None
    assert YOU in kept.first


async def test_what_is_said_while_a_log_is_taken_over_is_neither_kept_nor_promised(
    seat: Seat, journal: Journal, house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The voter of before would take it for its own log, and the one of now would not know what it has promised."""
    await mirrored(journal, house, 2)
    alone = wire.electorate_of(Configuration.alone(YOU), {})
    two = wire.electorate_of(Configuration(Voters((YOU, seat.me), YOU)), {})
    frame = Quorum(room="r1", step="install", sender=YOU, to=seat.me, port=1, term=1, of=1, electorate=alone)
    seat.take(replace(frame, acknowledged=2), "192.0.2.5")
    await eventually(lambda: "appended" in [sent.step for sent, _ in house.carried])
    house.carried.clear()
    put, taken = journal.ledgers.put, asyncio.Event()

    async def slow(room: str, ledger: LedgerRecord) -> None:
        await put(room, ledger)
        append = replace(frame, step="append", electorate=None, place=2, acknowledged=3)
        entries = [LogEntry(term=1, electorate=two), LogEntry(term=1, electorate=two)]
        seat.take(replace(append, entries=entries), "192.0.2.5")
        taken.set()

    monkeypatch.setattr(journal.ledgers, "put", slow)
    seat.take(replace(frame, acknowledged=3, turns=[(3, 1, 2, two)]), "192.0.2.5")
    await taken.wait()
    await eventually(lambda: "appended" in [sent.step for sent, _ in house.carried])
    kept = await journal.ledgers.load("r1")
    assert kept is not None
    assert seat.voter is not None
    assert seat.log is not None
    promised = [sent.place for sent, _ in house.carried if sent.step == "appended" and sent.yes]
    assert (promised, seat.voter.ledger.top) == ([3], 3)
    assert [turn.place for turn in kept.turns] == [turn.place for turn in seat.log.turns] == [3]


async def test_who_goes_on_alone_is_home_and_nothing_changes_when_that_cannot_be_kept(
    seat: Seat, journal: Journal, house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mirrored(journal, house, 2)
    with monkeypatch.context() as patch:
        full: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        full.set_exception(DiskFull())
        patch.setattr(journal.ledgers, "claim", lambda *_: full)
        with pytest.raises(DiskFull):
            await seat.claim()
    assert house.record.home == THERE
    await seat.claim()
    assert (house.record.home, house.record.term, seat.numbering) == (HERE, 2, True)
    assert seat.log is not None
    assert (seat.voters, seat.log.first.since) == ((seat.me,), 3)


async def test_who_joins_has_another_id_and_no_log_and_tells_everybody(
    seat: Seat, journal: Journal, house: FakeHouse
) -> None:
    await mirrored(journal, house, 2)
    await seat.claim()
    former = seat.me
    kept = await seat.post(draft("alone", nonce="alone"), brought=False)
    assert kept is not None
    seat.join(VoterInfo(voter=YOU, address="192.0.2.5:1"), 7, 2)
    await eventually(lambda: house.overs == 1)
    assert (seat.me != former, seat.voter, house.record.home.id, house.record.term) == (True, None, THERE.id, 7)
    assert [each.nonce for _, each in await journal.outbox("r1")] == ["alone"]


async def test_a_node_that_ends_in_the_middle_of_a_join_has_everything_once_and_in_order(
    seat: Seat, journal: Journal, house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mirrored(journal, house, 2)
    await seat.claim()
    said = [str(number) for number in range(7)]
    await asyncio.gather(*(seat.post(draft(text), brought=False) for text in said))
    full: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    full.set_exception(DiskFull())
    pieces = iter([journal.ledgers.retreat, journal.ledgers.retreat, lambda *_: full])

    def retreat(room: str, fork: int) -> "asyncio.Future[bool]":
        return next(pieces)(room, fork)

    monkeypatch.setattr(stores, "PIECE", 2)
    with monkeypatch.context() as patch:
        patch.setattr(journal.ledgers, "retreat", retreat)
        seat.join(VoterInfo(voter=YOU, address="192.0.2.5:1"), 7, 2)
        await eventually(lambda: journal.top("r1") == 5, what="two pieces wait")
        assert await seat.post(draft("later"), brought=False) is None
        await seat.close()
    assert house.record.home == HERE
    again = Seat(house, HERE, journal)
    journal.ledgers.on_logged = lambda _, entries: again.logged(entries)
    await again.restore()
    await eventually(lambda: journal.top("r1") == 10, what="it goes on as it was")
    assert [each.body.text for each in await journal.after("r1", 2, 99)] == [*said, "later"]
    assert await journal.outbox("r1") == []
    again.join(VoterInfo(voter=YOU, address="192.0.2.5:1"), 7, 2)
    await eventually(lambda: house.overs == 1)
    assert [each.body.text for _, each in await journal.outbox("r1")] == [*said, "later"]
    await again.close()


async def test_what_cannot_be_kept_is_begun_anew_with_what_is_on_the_disk(
    seat: Seat, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.0)
    seat.found()
    await eventually(lambda: seat.voter is not None)
    with monkeypatch.context() as patch:
        full: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        full.set_exception(DiskFull())
        patch.setattr(journal.ledgers, "vote", lambda *_: full)
        assert seat.voter is not None
        before = seat.voter
        seat.take(Quorum(room="r1", step="ask", sender=YOU, to=seat.me, port=1, term=9), "192.0.2.5")
        seat._do(before._stand(0.0, handed=False))
        await eventually(lambda: seat.voter is None)
    assert await seat.post(draft("held"), brought=False) is None
    seat.tick()
    await eventually(lambda: seat.voter is not None and journal.top("r1") == 1)


async def test_who_may_have_lost_something_comes_back_under_another_id_and_asks_those_who_vote(
    seat: Seat, journal: Journal, house: FakeHouse
) -> None:
    two = wire.text_of(wire.electorate_of(Configuration(Voters((f"here.{'0' * 16}", YOU), f"here.{'0' * 16}")), {}))
    await journal.ledgers.found("r1", f"here.{'0' * 16}", two)
    await seat.restore(brought_back=True)
    assert seat.voter is not None
    assert (seat.numbering, seat.me in seat.voters, await seat.post(draft(), brought=False)) == (False, False, None)
    seat.tick()
    await eventually(lambda: ("seek", YOU) in [(frame.step, frame.to) for frame, _ in house.carried])


async def test_who_was_alone_goes_on_alone(seat: Seat, journal: Journal) -> None:
    await journal.ledgers.found("r1", "x.0", wire.text_of(wire.electorate_of(Configuration.alone("x.0"), {})))
    await seat.restore()
    assert (seat.voter, await journal.ledgers.load("r1")) == (None, None)
    kept = await seat.post(draft(), brought=False)
    assert kept is not None


@pytest.mark.parametrize(
    ("sender", "step", "term"),
    [
        (f"stranger.{'0' * 16}", "append", 3),
        (f"stranger.{'0' * 16}", "ask", 3),
        (f"stranger.{'0' * 16}", "install", 3),
        (f"stranger.{'0' * 16}", "lead", 3),
        (YOU, "append", 2**50),
        (YOU, "ask", 3),
    ],
    ids=["a stranger as home", "a stranger stands", "a stranger's log", "a stranger's word", "a far term", "unasked"],
)
async def test_what_nobody_may_say_changes_nothing(  # noqa: PLR0917 - three of them are fixtures
    seat: Seat, journal: Journal, house: FakeHouse, sender: str, step: str, term: int
) -> None:
    me = f"{HERE.id}.{'0' * 16}"
    electorate = wire.electorate_of(Configuration(Voters((me, YOU), me)), {})
    await journal.ledgers.found("r1", me, wire.text_of(electorate))
    await seat.restore()
    await eventually(lambda: seat.numbering)
    frame = Quorum(room="r1", step=step, sender=sender, to=me, port=1, term=term, yes=True, acknowledged=0)  # type: ignore[arg-type]
    seat.take(replace(frame, electorate=electorate, home=VoterInfo(voter=sender)), "192.0.2.9")
    kept = await seat.post(draft(), brought=False)
    assert kept is not None
    assert (seat.numbering, house.record, seat.voter and seat.voter.ballot.term) == (True, record(), 1)


async def test_people_are_told_that_the_room_goes_on_alone_once(seat: Seat, journal: Journal, house: FakeHouse) -> None:
    await mirrored(journal, house, 2)
    await seat.claim()
    assert seat.alone
    before = house.changes
    for _ in range(3):
        seat.tick()
    assert house.changes == before + 1


async def test_the_home_of_another_branch_is_asked_and_not_taken_for_a_liar(
    seat: Seat, journal: Journal, house: FakeHouse
) -> None:
    """Who went on without this node may still have its former id among the voters: its log is another one by then."""
    me = f"{HERE.id}.{'0' * 16}"
    for text in ("one", "two"):
        await journal.append(draft(text, nonce=text))
    await journal.ledgers.found("r1", me, wire.text_of(wire.electorate_of(Configuration(Voters((me, YOU), me)), {})))
    await seat.restore()
    await eventually(lambda: seat.numbering)
    assert (voter := seat.voter)
    other = f"{THERE.id}.{'7' * 16}"
    frame = Quorum(room="r1", step="append", sender=other, to=me, port=1, term=3, place=1, of=3, acknowledged=2)
    house.carried.clear()
    seat.take(frame, "192.0.2.9")
    assert [(sent.step, sent.to) for sent, _ in house.carried] == [("seek", other)]
    assert (seat.voter, voter.ballot.term) == (voter, 1)
    seat.take(replace(frame, step="lead", home=VoterInfo(voter=other), place=2), "192.0.2.9")
    await eventually(lambda: house.record.home.id == THERE.id, what="it has joined the other branch")


async def test_who_goes_on_alone_chooses_nobody_who_has_not_offered_since(
    seat: Seat, journal: Journal, house: FakeHouse
) -> None:
    await mirrored(journal, house, 2)
    offer = Quorum(room="r1", step="offer", sender=YOU, to="", port=1, yes=True)
    seat.take(offer, "192.0.2.9")
    await seat.claim()
    assert seat.voter is not None
    await eventually(lambda: seat.voter and seat.voter.acknowledged >= seat.voter.ledger.top)
    assert seat._canvass.better(module.clock()) is None
    assert seat.log is not None
    seat.take(replace(offer, electorate=seat.log.first), "192.0.2.9")
    seat._canvass._looked = 0.0
    assert seat._canvass.better(module.clock()) == Voters((seat.me, YOU), seat.me)


async def test_a_join_that_is_said_many_times_is_done_once(seat: Seat, journal: Journal, house: FakeHouse) -> None:
    """Each would let what the new home has said wait once more."""
    await journal.append(draft("one"))
    seat.found()
    await eventually(lambda: seat.voter is not None)
    for _ in range(5):
        seat.join(VoterInfo(voter=YOU, address="192.0.2.5:1"), 7, 1)
    done = asyncio.Event()
    seat._worker.do(lambda: _note(done))
    await done.wait()
    assert (house.overs, house.record.home.id) == (1, THERE.id)


async def _note(done: asyncio.Event) -> None:
    done.set()
