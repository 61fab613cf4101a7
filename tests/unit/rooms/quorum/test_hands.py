import random
from dataclasses import dataclass

import pytest

from lanchat.errors import InvalidFrame
from lanchat.journal import Journal
from lanchat.protocol import LogEntry, VoterInfo
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.canvass import Canvass
from lanchat.rooms.quorum.effects import Acknowledged, Begin, Change, Follow, Keep, Resume, Send, Store
from lanchat.rooms.quorum.hands import Hands
from lanchat.rooms.quorum.ledger import Ballot
from lanchat.rooms.quorum.log import Log
from lanchat.rooms.quorum.messages import Append, HandOver
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration, Voters
from lanchat.rooms.quorum.waiting import Answers, Leftover
from lanchat.rooms.quorum.worker import Worker
from tests.support.rooms.said import HERE, THERE, draft, event, record
from tests.support.rooms.seats import FakeHouse

ME, YOU = f"here.{'0' * 16}", f"there.{'0' * 16}"
ALONE, TWO = Configuration.alone(ME), Configuration(Voters((ME, YOU), YOU))


@dataclass
class Seat:
    """Whose hands they are."""

    log: Log | None
    voter: Voter | None
    leftover: Leftover
    me: str = ME
    numbering: bool = False
    handing: str = ""

    def found(self) -> None:
        raise AssertionError

    def follow(self, home: VoterInfo, term: int) -> None:
        raise AssertionError

    def join(self, home: VoterInfo, term: int, fork: int) -> None:
        raise AssertionError


class Made:
    """Hands over a real journal."""

    def __init__(self, journal: Journal, log: Log, voter: Voter) -> None:
        self.house = FakeHouse()
        self.log, self.voter = log, voter
        worker = Worker(lambda error: None)
        leftover = Leftover(
            lambda: "r1", journal.ledgers, self.house.refused, lambda: self.seat.numbering, lambda: 0, worker.do
        )
        self.seat = seat = Seat(log, voter, leftover)
        self.answers = Answers()
        self.canvass = Canvass(self.house, HERE, seat)
        self.hands = Hands(seat, self.house, HERE, journal, self.canvass, self.answers)


@pytest.fixture
async def made(journal: Journal) -> Made:
    await journal.put_room(record())
    await journal.append(draft("one"))
    found = await journal.ledgers.found("r1", ME, wire.text_of(wire.electorate_of(ALONE, {})))
    log = Log(found, 1, home=True)
    voter = Voter(ME, log.ledger(), Ballot(1, ME), 1, 0.0, chance=random.Random(1))
    voter.start(0.0)
    return Made(journal, log, voter)


async def test_a_vote_is_on_the_disk(made: Made, journal: Journal) -> None:
    await made.hands.carry_out(Keep(5, YOU))
    kept = await journal.ledgers.load("r1")
    assert kept is not None
    assert (kept.term, kept.vote) == (5, YOU)


async def test_what_the_home_has_is_kept_and_shown_once_it_is_acknowledged(made: Made, journal: Journal) -> None:
    entries = (
        wire.entry_of(2, LogEntry(term=2, electorate=wire.electorate_of(TWO, {}))),
        wire.entry_of(3, LogEntry(term=2, event=event(2, "two"))),
    )
    await made.hands.carry_out(Store(1, entries))
    assert journal.top("r1") == 1
    await made.hands.carry_out(Acknowledged(3))
    assert (journal.top("r1"), made.answers.reached, made.log.moved) == (2, 3, 3)
    with pytest.raises(InvalidFrame):
        await made.hands.carry_out(Store(3, (wire.entry_of(4, LogEntry(term=2, event=event(9))),)))


async def test_entries_go_along_with_the_message_as_far_as_they_are_here(made: Made) -> None:
    await made.hands.carry_out(Send(YOU, Append(1, 0, 1, (), 1), 1))
    await made.hands.carry_out(Send(YOU, HandOver(1)))
    append, hand = (frame for frame, _ in made.house.carried)
    assert [entry.event and entry.event.body.text for entry in append.entries] == ["one"]
    assert (append.to, hand.step) == (YOU, "hand_over")
    made.house.carried.clear()
    made.log.moved = 9
    await made.hands.carry_out(Send(YOU, Append(1, 5, 1, (), 1), 7))
    assert made.house.steps() == ["install"]


async def test_who_is_home_numbers_what_waits(made: Made, journal: Journal) -> None:
    await journal.enqueue(draft("waits"))
    await made.hands.carry_out(Resume(1))
    assert (made.seat.numbering, journal.top("r1"), made.house.changes) == (True, 2, 1)


async def test_a_home_begins_in_its_term_and_in_none_that_is_over(made: Made, journal: Journal) -> None:
    await made.hands.carry_out(Begin(7, 1))
    assert (made.seat.numbering, made.house.record.term) == (False, 1)
    made.voter.ballot = Ballot(7, ME)
    await made.hands.carry_out(Begin(7, 1))
    assert (made.seat.numbering, made.house.record.term, made.house.record.home) == (True, 7, HERE)
    kept = await journal.ledgers.load("r1")
    assert kept is not None
    assert [(turn.place, turn.term) for turn in kept.turns] == [(2, 7)]


async def test_others_decide_only_as_long_as_this_node_numbers(made: Made, journal: Journal) -> None:
    await made.hands.carry_out(Change(TWO))
    made.seat.numbering = True
    await made.hands.carry_out(Change(TWO))
    kept = await journal.ledgers.load("r1")
    assert kept is not None
    assert [(turn.place, turn.alone) for turn in kept.turns] == [(2, False)]


async def test_another_home_is_followed_where_it_was_last(made: Made, journal: Journal) -> None:
    made.canvass.roll.members[YOU] = VoterInfo(voter=YOU, name=THERE.name, address="192.0.2.5:1")
    await made.hands.carry_out(Follow(""))
    assert made.house.record.home == HERE
    await made.hands.carry_out(Follow(YOU))
    assert (made.house.record.home, made.house.record.addresses) == (THERE, ("192.0.2.5:1",))
    assert (await journal.rooms())[0].home == THERE
