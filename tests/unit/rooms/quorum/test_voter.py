"""One voter, message by message: what the model finds only rarely, each with its own schedule."""

import copy
import random

import pytest

from lanchat.rooms.quorum.copies import LEASE, TOGETHER
from lanchat.rooms.quorum.effects import (
    Acknowledged,
    Begin,
    Change,
    Effect,
    Follow,
    Keep,
    Resume,
    Send,
    Store,
)
from lanchat.rooms.quorum.ledger import Ballot, Contradiction, Ledger
from lanchat.rooms.quorum.messages import Append, Appended, Ask, Entry, Vote
from lanchat.rooms.quorum.voter import PATIENCE, SPREAD, Voter
from lanchat.rooms.quorum.voters import Configuration, Stance, Voters

THREE = Configuration(Voters(("a", "b", "c"), "a"))
TWO = Configuration(Voters(("a", "b"), "a"))


def entries(*terms: int) -> tuple[Entry, ...]:
    return tuple(Entry(seq, term) for seq, term in enumerate(terms, 1))


def voter(
    me: str = "a", configuration: Configuration = THREE, *terms: int, ballot: Ballot | None = None, shown: int = 0
) -> Voter:
    kept = Ballot(max(terms, default=0)) if ballot is None else ballot
    return Voter(me, Ledger(configuration, entries(*terms)), kept, shown, 0.0, chance=random.Random(1))


def sent(effects: list[Effect], to: str) -> list[object]:
    return [effect.message for effect in effects if isinstance(effect, Send) and effect.to == to]


def elected(me: str = "a", *terms: int) -> Voter:
    """A voter that has just become home, and has its first entry on the disk."""
    one = voter(me, THREE, *terms)
    one.tick(PATIENCE + SPREAD)
    others = [other for other in "abc" if other != me]
    term = one.ballot.term + 1
    one.receive(others[0], Vote(term, granted=True, trial=True), PATIENCE + SPREAD)
    effects = one.receive(others[0], Vote(term, granted=True), PATIENCE + SPREAD)
    assert Begin(term, len(terms)) in effects
    one.kept([Entry(len(terms) + 1, term)], PATIENCE + SPREAD)
    return one


def test_whoever_is_alone_is_home_at_once_and_in_the_same_term_after_a_restart() -> None:
    first = voter("a", Configuration.alone("a"))
    assert first.start(0.0) == [Keep(1, "a"), Begin(1, 0)]
    assert first.kept([Entry(1, 1)], 0.0) == [Acknowledged(1)]
    again = voter("a", Configuration.alone("a"), 1, ballot=Ballot(1, "a"), shown=1)
    assert again.start(0.0) == [Resume(1)]
    assert again.kept([Entry(2, 1)], 0.0) == [Acknowledged(2)]


def test_the_tie_breaker_goes_on_alone_and_the_other_waits() -> None:
    assert Begin(1, 0) in voter("a", TWO).start(0.0)
    other = voter("b", TWO)
    assert other.start(0.0) == []
    assert Keep(1, "b") not in other.tick(PATIENCE + SPREAD)
    assert other.standing is Stance.ASKING


def test_what_others_numbered_is_acknowledged_with_an_entry_of_ones_own_only() -> None:
    """Entry 2 of term 1 is on two of three disks, and may still be replaced by one who has entry 2 of term 2."""
    home = elected("a", 1, 1)
    term = home.ballot.term
    assert not any(isinstance(e, Acknowledged) for e in home.receive("b", Appended(term, 2, taken=True), 3.0))
    assert Acknowledged(3) in home.receive("b", Appended(term, 3, taken=True), 3.0)


def test_a_voter_who_wakes_up_alone_raises_no_term() -> None:
    sleeper = voter("c", THREE, 1)
    effects = sleeper.tick(100.0)
    assert sent(effects, "a") == [Ask(2, 1, 1, trial=True)]
    assert sleeper.ballot.term == 1


def test_nobody_votes_while_the_home_is_well() -> None:
    well = voter("b", THREE, 1)
    well.receive("a", Append(1, 1, 1), 10.0)
    refused = well.receive("c", Ask(2, 5, 1, trial=True), 10.0 + PATIENCE / 2)
    assert sent(refused, "c") == [Vote(1, granted=False, trial=True)]
    asked = well.receive("c", Ask(2, 5, 1, handed=True), 10.0 + PATIENCE / 2)
    assert sent(asked, "c") == [Vote(2, granted=True)]


def test_one_vote_in_a_term_also_after_a_restart() -> None:
    one = voter("b", THREE, 1)
    effects = one.receive("a", Ask(2, 1, 1), 50.0)
    assert effects.index(Keep(2, "a")) < effects.index(Send("a", Vote(2, granted=True)))
    again = voter("b", THREE, 1, ballot=Ballot(2, "a"))
    assert sent(again.receive("c", Ask(2, 9, 1), 50.0), "c") == [Vote(2, granted=False)]


@pytest.mark.parametrize(("seq", "of", "granted"), [(2, 1, True), (1, 1, False), (1, 2, True), (9, 0, False)])
def test_a_vote_is_for_those_who_have_as_much(seq: int, of: int, granted: bool) -> None:
    one = voter("b", THREE, 1, 1)
    assert sent(one.receive("c", Ask(3, seq, of), 50.0), "c") == [Vote(3, granted=granted)]


def test_a_home_that_hears_no_quorum_gives_up() -> None:
    home = elected()
    begun = PATIENCE + SPREAD
    assert Follow("") not in home.tick(begun + LEASE / 2)
    assert Follow("") in home.tick(begun + 2 * LEASE)
    assert home.standing is Stance.VOTER
    assert home.change(Voters(("a",), "a")) == []


def test_what_is_in_the_way_is_replaced_and_what_is_there_is_not_written_again() -> None:
    one = voter("b", THREE, 1, 1, 1)
    effects = one.receive("c", Append(2, 1, 1, (Entry(2, 1), Entry(3, 2))), 5.0)
    assert Store(2, (Entry(3, 2),)) in effects
    assert sent(effects, "c") == [Appended(2, 3, taken=True)]


def test_a_home_goes_back_by_whole_terms() -> None:
    one = voter("b", THREE, 1, 1, 1)
    effects = one.receive("c", Append(3, 3, 2), 5.0)
    assert sent(effects, "c") == [Appended(3, 0, taken=False)]
    assert sent(one.receive("c", Append(3, 9, 2), 5.0), "c") == [Appended(3, 3, taken=False)]


@pytest.mark.parametrize(
    "lie",
    [
        Append(2, 1, 2),
        Append(2, 1, 1, (Entry(2, 2),)),
        Append(2, 2, 1, (Entry(4, 2),)),
        Append(2, 2, 1, (Entry(3, 3),)),
        Append(2, 2, 1, (Entry(3, 0),)),
    ],
    ids=["another entry before", "in place of one", "a hole", "of a later term", "of an earlier term"],
)
def test_what_no_home_can_say_is_refused_and_changes_nothing(lie: Append) -> None:
    one = voter("b", THREE, 1, 1, shown=2)
    with pytest.raises(Contradiction):
        one.receive("c", lie, 5.0)
    assert (one.ledger.top, one.ledger.term) == (2, 1)


def test_voters_change_by_both_sets() -> None:
    home = elected()
    term = home.ballot.term
    home.receive("b", Appended(term, 1, taken=True), 3.0)
    joint = Configuration(THREE.voters, Voters(("a", "d"), "d"))
    assert home.change(joint.joint or THREE.voters) == [Change(joint)]
    home.kept([Entry(2, term, joint)], 3.0)
    assert not any(isinstance(e, Acknowledged) for e in home.receive("b", Appended(term, 2, taken=True), 3.0))
    effects = home.receive("d", Appended(term, 2, taken=True), 3.0)
    assert Acknowledged(2) in effects
    assert Change(Configuration(Voters(("a", "d"), "d"))) in effects


def test_a_change_ends_when_all_who_are_new_know_of_it_or_have_had_the_time() -> None:
    home = elected()
    term = home.ballot.term
    home.receive("b", Appended(term, 1, taken=True), 3.0)
    five = Voters(("a", "b", "c", "d", "e"), "a")
    home.change(five)
    home.kept([Entry(2, term, Configuration(THREE.voters, five))], 3.0)
    home.receive("b", Appended(term, 2, taken=True), 3.0)
    assert home.receive("d", Appended(term, 2, taken=True), 3.0) == [Acknowledged(2)], "e does not know that it votes"
    late = copy.deepcopy(home)
    assert home.receive("e", Appended(term, 2, taken=True), 3.0) == [Change(Configuration(five))]
    assert Change(Configuration(five)) not in home.tick(3.1), "and once"
    assert late.receive("b", Appended(term, 2, taken=True), 2.9 + TOGETHER) == []
    assert late.receive("d", Appended(term, 2, taken=True), 3.0 + TOGETHER) == [Change(Configuration(five))]


def test_what_is_numbered_while_a_page_is_on_its_way_shares_the_next() -> None:
    home = elected()
    term, now = home.ballot.term, PATIENCE + SPREAD
    home.receive("b", Appended(term, 1, taken=True), now)
    first = home.kept([Entry(2, term)], now)
    assert [effect.last for effect in first if isinstance(effect, Send) and effect.to == "b"] == [2]
    assert sent(home.kept([Entry(3, term)], now), "b") == []
    assert sent(home.kept([Entry(4, term)], now), "b") == []
    answered = home.receive("b", Appended(term, 2, taken=True), now)
    assert [effect.last for effect in answered if isinstance(effect, Send) and effect.to == "b"] == [4]


def test_the_heir_answers_and_lacks_least() -> None:
    home = elected()
    term, now = home.ballot.term, PATIENCE + SPREAD
    assert home.heir(now) in {"b", "c"}
    home.receive("c", Appended(term, 1, taken=True), now)
    assert home.heir(now) == "c"
    home.receive("b", Appended(term, 0, taken=False), now + LEASE)
    assert home.heir(now + LEASE) == "b"
    assert home.heir(now + 2 * LEASE) == ""
