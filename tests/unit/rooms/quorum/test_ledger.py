import pytest

from lanchat.rooms.quorum.ledger import Contradiction, Ledger, check
from lanchat.rooms.quorum.messages import Append, Entry
from lanchat.rooms.quorum.voters import Configuration

A, B = Configuration.alone("a"), Configuration.alone("b")


def test_a_ledger_knows_terms_and_who_decides_and_forgets_what_is_cut() -> None:
    ledger = Ledger(A, [Entry(4, 2), Entry(5, 3, B)], term=1, top=3)
    assert [ledger.of(seq) for seq in range(7)] == [1, 1, 1, 1, 2, 3, -1]
    assert (ledger.top, ledger.term, ledger.configuration, ledger.configured) == (5, 3, B, 5)
    assert [ledger.first_of_term(seq) for seq in (3, 4, 5)] == [0, 4, 5]
    ledger.cut(4)
    assert (ledger.top, ledger.term, ledger.configuration) == (4, 2, A)
    ledger.reach(9)
    ledger.reach(2)
    assert (ledger.top, ledger.of(9)) == (9, 2)


@pytest.mark.parametrize("entry", [Entry(3, 1), Entry(1, 1), Entry(2, 0)])
def test_an_entry_that_cannot_follow_is_refused(entry: Entry) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        Ledger(A, [Entry(1, 1)]).add(entry)


def test_what_is_known_of_a_run_is_left_out() -> None:
    ledger = Ledger(A, [Entry(1, 1), Entry(2, 1)])
    run = (Entry(1, 1), Entry(2, 2), Entry(3, 2))
    assert ledger.unknown(run) == run[1:]
    assert ledger.unknown(run[:1]) == ()


LEDGER = Ledger(Configuration.alone("a"), [Entry(1, 1), Entry(2, 1), Entry(3, 1)])


@pytest.mark.parametrize("said", [Append(2, 3, 1, (Entry(4, 2),)), Append(2, 2, 1, (Entry(3, 2),)), Append(5, 9, 4)])
def test_what_an_honest_home_can_say_is_taken(said: Append) -> None:
    check(said, LEDGER, 2)


@pytest.mark.parametrize("said", [Append(2, 2, 2), Append(2, 1, 1, (Entry(2, 2),)), Append(2, 3, 1, (Entry(5, 2),))])
def test_what_contradicts_what_was_acknowledged_or_itself_is_not(said: Append) -> None:
    with pytest.raises(Contradiction):
        check(said, LEDGER, 2)
