import random
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from lanchat.journal import LedgerRecord, Turn
from lanchat.protocol import MAX_FRAME, Electorate, Quorum, VoterInfo, check_command, encode
from lanchat.protocol.voting import MOST_TURNS
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.canvass import OFFERS, Canvass
from lanchat.rooms.quorum.ledger import Ballot
from lanchat.rooms.quorum.log import Log
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration, Stance, Voters
from tests.support.identity import OTHER_SEAL
from tests.support.rooms.said import HERE, THERE, record
from tests.support.rooms.seats import FakeHouse
from tests.support.rooms.votes import vote

SMALL, STRANGER = f"aaa.{'0' * 16}", f"nobody.{'0' * 16}"
ME, YOU, THIRD = f"here.{'0' * 16}", f"there.{'0' * 16}", f"elsewhere.{'0' * 16}"
OFFER = Quorum(room="r1", step="offer", sender=YOU, to="", port=1, name="Another node")


@dataclass
class Chair:
    """A seat without a journal."""

    me: str = ME
    voter: Voter | None = None
    log: Log | None = None
    founded: int = 0
    followed: list[tuple[VoterInfo, int]] = field(default_factory=list)
    joined: list[tuple[str, int, int]] = field(default_factory=list)

    def found(self) -> None:
        self.founded += 1

    def follow(self, home: VoterInfo, term: int) -> None:
        self.followed.append((home, term))

    def join(self, home: VoterInfo, term: int, fork: int) -> None:
        self.joined.append((home.voter, term, fork))


def seated(chair: Chair, configuration: Configuration, *, term: int = 2) -> Chair:
    """Let a seat vote with others, in a room in which nothing was said."""
    first = wire.text_of(wire.electorate_of(configuration, {}))
    chair.log = Log(LedgerRecord(chair.me, term, chair.me, term, first, 0), 0, home=True)
    ballot = Ballot(term, chair.me)
    chair.voter = Voter(chair.me, chair.log.ledger(), ballot, 0, 0.0, chance=random.Random(1))
    chair.voter.start(0.0)
    return chair


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


def test_a_home_begins_a_log_when_somebody_offers_and_sends_it(house: FakeHouse) -> None:
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    canvass.take_offer(OFFER)
    assert (chair.founded, house.carried) == (1, [])
    seated(chair, Configuration.alone(ME))
    canvass.roll.hear(OFFER, "192.0.2.5:1", 1.0)
    canvass.take_offer(OFFER)
    ((sent, address),) = house.carried
    assert (sent.step, sent.to, sent.term, address) == ("install", YOU, 2, "192.0.2.5:1")
    assert canvass.better(1.0) is None
    canvass.roll.hear(replace(OFFER, yes=True), "192.0.2.5:1", 2.0)
    assert canvass.better(2.0) == Voters((ME, YOU), ME)
    assert canvass.better(2.1) is None, "now and then only"


def test_who_has_a_log_of_before_is_sent_that_of_now_and_does_not_vote_until_then(house: FakeHouse) -> None:
    chair = seated(Chair(), Configuration.alone(ME))
    canvass, log = Canvass(house, HERE, chair), chair.log
    assert log is not None
    of_before = replace(OFFER, yes=True, of=0, electorate=Electorate(voters=[THIRD], tie=THIRD))
    of_now = replace(of_before, electorate=log.first)
    for offer, sent, chosen in ((of_before, 1, None), (of_now, 1, Voters((ME, YOU), ME)), (of_before, 2, None)):
        canvass.roll.hear(offer, "192.0.2.5:1", 1.0)
        canvass.take_offer(offer)
        canvass._looked = 0.0
        assert (len(house.carried), canvass.better(1.0)) == (sent, chosen)
    assert canvass.knowing == set()


def test_a_mirror_offers_over_its_link_and_asks_the_voters_when_that_is_down(house: FakeHouse) -> None:
    house.record, house.linked = record(home=THERE), True
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    canvass.tick(OFFERS)
    canvass.tick(OFFERS * 1.5)
    assert [(frame.step, frame.to, frame.yes) for frame, _ in house.carried] == [("offer", "", False)]
    house.carried.clear()
    seated(chair, Configuration(Voters((YOU, THIRD), YOU)))
    house.linked = False
    canvass.tick(OFFERS * 3)
    assert [(frame.step, frame.to) for frame, _ in house.carried] == [("seek", YOU), ("seek", THIRD)]


def test_who_knows_the_home_says_so(house: FakeHouse) -> None:
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    canvass.answer_seek(OFFER)
    assert house.carried == []
    seated(chair, Configuration.alone(ME))
    canvass.answer_seek(OFFER)
    ((said, _),) = house.carried
    assert (said.step, said.term, said.home) == ("lead", 2, VoterInfo(voter=ME, name=HERE.name))


def test_who_does_not_vote_follows_whom_a_voter_names_and_a_voter_waits_for_the_home_itself(house: FakeHouse) -> None:
    house.record = record(home=THERE)
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    lead = Quorum(room="r1", step="lead", sender=YOU, to=ME, port=1, term=3)
    home = VoterInfo(voter=THIRD, address="192.0.2.7:1")
    canvass.take_lead(lead, home, 2.0)
    assert chair.followed == [(home, 3)]
    assert canvass.trusts(THIRD)
    voter = seated(chair, Configuration(Voters((ME, YOU, THIRD), YOU))).voter
    assert voter is not None
    voter.home = THIRD
    canvass.take_lead(lead, home, 2.0)
    assert len(chair.followed) == 1


def test_a_home_that_was_away_until_others_decided_follows_whom_they_name(house: FakeHouse) -> None:
    chair = Chair()
    voter = seated(chair, Configuration(Voters((ME, YOU, THIRD), ME))).voter
    assert voter is not None
    voter.home = ""
    canvass = Canvass(house, HERE, chair)
    home = VoterInfo(voter=THIRD, address="192.0.2.7:1")
    lead = Quorum(room="r1", step="lead", sender=STRANGER, to=ME, port=1, term=3)
    canvass.take_lead(lead, home, 2.0)
    assert chair.followed == [], "a stranger says so"
    canvass.take_lead(replace(lead, sender=YOU), home, 2.0)
    assert chair.followed == [(home, 3)]


def test_only_the_home_and_voters_and_whom_they_named_are_trusted(house: FakeHouse) -> None:
    house.record = record(home=THERE)
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    assert [canvass.trusts(voter) for voter in (YOU, THIRD, ME)] == [True, False, False]
    canvass.take_lead(Quorum(room="r1", step="lead", sender=YOU, to=ME, port=1, term=0), VoterInfo(voter=THIRD), 2.0)
    assert not canvass.trusts(THIRD), "the term is over"


def branched(since: int, *others: str) -> Chair:
    """Somebody who went on alone from this seq on, in term 2."""
    chair = seated(Chair(), Configuration.alone(ME))
    assert chair.log is not None
    members = [VoterInfo(voter=other, address="192.0.2.5:1") for other in others]
    chair.log.first = replace(chair.log.first, members=members, since=since)
    return chair


@pytest.mark.parametrize(
    ("term", "sender", "joins"),
    [(3, YOU, True), (2, YOU, False), (2, SMALL, True), (1, YOU, False), (3, STRANGER, False)],
    ids=["a higher term", "the greater id", "the smaller id", "a lower term", "somebody who did not decide with us"],
)
def test_of_two_branches_that_meet_one_gives_way(house: FakeHouse, term: int, sender: str, joins: bool) -> None:
    house.record, house.waits = replace(house.record, term=2), 60.0
    chair = branched(5, YOU, SMALL)
    canvass = Canvass(house, HERE, chair)
    canvass.roll.hear(replace(OFFER, sender=sender), "192.0.2.5:1", 1.0)
    lead = Quorum(room="r1", step="lead", sender=sender, to=ME, port=1, term=term, place=9)
    canvass.take_lead(lead, VoterInfo(voter=sender), 2.0)
    assert chair.joined == ([(sender, term, 4)] if joins else [])


def test_a_home_of_a_lower_term_that_calls_is_told_who_is_home(house: FakeHouse) -> None:
    house.record = replace(house.record, term=2)
    canvass = Canvass(house, HERE, branched(5, YOU))
    canvass.roll.hear(OFFER, "192.0.2.5:1", 1.0)  # who is heard is not called
    lead = Quorum(room="r1", step="lead", sender=YOU, to="", port=1, term=1)
    canvass.take_lead(lead, VoterInfo(voter=YOU), 2.0)
    ((said, _),) = house.carried
    assert (said.step, said.to, said.term, said.home) == ("lead", YOU, 2, VoterInfo(voter=ME, name=HERE.name))


def test_a_home_calls_those_who_voted_once_and_are_not_there(house: FakeHouse) -> None:
    canvass = Canvass(house, HERE, branched(5, YOU))
    assert canvass.trusts(YOU)
    canvass.tick(OFFERS)
    ((said, address),) = house.carried
    assert (said.step, said.to, said.place, address, house.nodes) == ("lead", "", 5, "192.0.2.5:1", [THERE.id])
    canvass.roll.hear(OFFER, "192.0.2.5:1", 1.5)
    canvass.tick(OFFERS * 2)
    assert len(house.carried) == 1


def test_a_log_of_many_turns_fits_into_a_frame(house: FakeHouse) -> None:
    chair = seated(Chair(), Configuration.alone(ME))
    assert chair.log is not None
    five = Configuration(Voters(tuple(f"{'f' * 32}.{number:016x}" for number in range(5)), f"{'f' * 32}.{0:016x}"))
    text = wire.text_of(wire.electorate_of(five, {}))
    chair.log.turns = [Turn(place, 2, 0, text) for place in range(1, MOST_TURNS + 1)]
    chair.log.moved = MOST_TURNS
    Canvass(house, HERE, chair).send_log(YOU)
    ((sent, _),) = house.carried
    assert [turn[3] is not None for turn in sent.turns[-2:]] == [False, True]
    assert len(encode(sent)) < MAX_FRAME
    check_command(replace(sent, sender=f"{'a' * 32}.{'0' * 16}"))


def test_a_member_who_did_not_vote_is_believed_once_they_could_have(house: FakeHouse) -> None:
    house.record, house.waits = replace(house.record, term=2), 60.0
    chair = branched(5, YOU)
    canvass = Canvass(house, HERE, chair)
    lead = Quorum(room="r1", step="lead", sender=STRANGER, to=ME, port=1, term=3, place=9)
    for second in range(61):
        canvass.roll.hear(lead, "192.0.2.9:1", float(second), "stan")
        assert canvass.knows(STRANGER, float(second)) == (second == 60)
        canvass.take_lead(lead, VoterInfo(voter=STRANGER), float(second))
    assert chair.joined == [(STRANGER, 3, 4)]


def test_a_node_that_knows_no_log_follows_nobody_who_was_only_there_for_long(house: FakeHouse) -> None:
    house.record = record(home=THERE)
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    lead = Quorum(room="r1", step="lead", sender=STRANGER, to=ME, port=1, term=3)
    canvass.roll.hear(lead, "192.0.2.9:1", 1.0, "stan")
    assert canvass.knows(STRANGER, 1.0)
    canvass.take_lead(lead, VoterInfo(voter=STRANGER), 1.0)
    assert (chair.followed, canvass.trusts(STRANGER)) == ([], False)


def test_who_votes_for_two_is_expelled_and_the_others_are_shown_it(house: FakeHouse) -> None:
    chair = seated(Chair(), Configuration(Voters((ME, YOU, THIRD), ME)))
    canvass = Canvass(house, HERE, chair)
    canvass.roll.hear(OFFER, "192.0.2.5:1", 1.0, OTHER_SEAL.id)
    mine, other = (vote(candidate, voter=YOU) for candidate in (ME, THIRD))
    assert canvass.count([mine])
    canvass.show_ballots(THIRD, 3)
    canvass.show_ballots(THIRD, 3)
    assert [(frame.step, frame.to, frame.ballots) for frame, _ in house.carried] == [("ballots", THIRD, [mine])]
    house.carried.clear()
    assert not canvass.count([other])
    assert [(frame.to, frame.ballots) for frame, _ in house.carried] == [(THIRD, [mine, other])]
    assert canvass.roll.present(canvass.voters, 1.0) == []
    assert not canvass.roll.hear(OFFER, "192.0.2.5:1", 2.0, OTHER_SEAL.id)


def test_a_home_that_numbers_nothing_gives_way_to_an_equal_term(house: FakeHouse) -> None:
    house.record = replace(house.record, term=2)
    chair = branched(5, YOU)
    assert chair.voter is not None
    chair.voter.standing = Stance.ASKING
    canvass = Canvass(house, HERE, chair)
    canvass.roll.hear(OFFER, "192.0.2.5:1", 1.0)
    canvass.take_lead(
        Quorum(room="r1", step="lead", sender=YOU, to=ME, port=1, term=2, place=9), VoterInfo(voter=YOU), 2.0
    )
    assert chair.joined == [(YOU, 2, 4)]


@pytest.mark.parametrize(("term", "follows"), [(2, True), (1, False)], ids=["a later one", "one of the same term"])
def test_a_home_alone_that_hears_of_another_has_an_older_copy(house: FakeHouse, term: int, follows: bool) -> None:
    chair = Chair()
    canvass = Canvass(house, HERE, chair)
    canvass.roll.hear(OFFER, "192.0.2.5:1", 1.0)
    canvass.take_lead(Quorum(room="r1", step="lead", sender=YOU, to="", port=1, term=term), VoterInfo(voter=YOU), 2.0)
    assert [voter.voter for voter, _ in chair.followed] == [YOU] * follows
