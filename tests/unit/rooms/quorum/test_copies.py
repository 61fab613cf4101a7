from lanchat.rooms.quorum.copies import HEARTBEAT, LEASE, PAGE, TOGETHER, Copies
from lanchat.rooms.quorum.effects import Send
from lanchat.rooms.quorum.ledger import Ledger
from lanchat.rooms.quorum.messages import Append
from lanchat.rooms.quorum.voters import Configuration


def test_each_is_sent_what_follows_and_goes_back_to_what_it_has() -> None:
    copies = Copies("ab", 0.0)
    ledger = Ledger(Configuration.alone("a"), term=1, top=PAGE + 10)
    assert copies.next("b", 10) == 11
    assert copies.page(1, ledger, 5, "b", 0.0) == Send("b", Append(1, 10, 1, (), 5), PAGE + 10)
    assert copies.next("b", ledger.top) == PAGE + 11
    copies.refused("b", 3)
    assert copies.page(1, ledger, 5, "b", 0.0) == Send("b", Append(1, 3, 1, (), 5), PAGE + 3)
    copies.sent("b", 7)
    assert copies.next("b", ledger.top) == 8
    copies.took("b", 9)
    copies.took("b", 4)
    copies.refused("b", 2)
    assert (copies.kept, copies.next("b", ledger.top)) == ({"b": 9}, 10)


def test_all_know_of_something_new_once_each_has_it_or_after_a_while() -> None:
    copies = Copies("ab", 0.0)
    copies.took("b", 5)
    assert copies.know("b", 5, 10.0)
    assert not copies.know("bc", 5, 10.0)
    assert copies.know("bc", 5, 10.0 + TOGETHER)
    assert not copies.know("bc", 6, 10.0 + TOGETHER), "what is newer has its own time"


def test_who_has_answered_just_now_counts_and_nobody_else() -> None:
    copies = Copies("ab", 0.0)
    copies.answer("a", LEASE)
    assert copies.answering(LEASE * 0.9) == ["a", "b"]
    assert copies.answering(LEASE * 1.1) == ["a"]


def test_a_heartbeat_is_due_now_and_then() -> None:
    copies = Copies("ab", 0.0)
    assert [copies.beats(HEARTBEAT * part) for part in (0.5, 1.0, 1.5, 2.0)] == [False, True, False, True]


def test_one_page_at_a_time_is_on_its_way_to_each_unless_it_was_lost() -> None:
    copies = Copies("ab", 0.0)
    ledger = Ledger(Configuration.alone("a"), term=1, top=5)
    copies.refused("b", 3)
    assert copies.wants("b", 5, 0.0)
    copies.page(1, ledger, 3, "b", 0.0)
    assert not copies.wants("b", 5, 0.1)
    assert not copies.wants("b", 6, 0.1)
    assert copies.wants("b", 6, HEARTBEAT)
    copies.answer("b", 0.2)
    assert copies.wants("b", 6, 0.2)
    assert not copies.wants("b", 5, 0.2)
