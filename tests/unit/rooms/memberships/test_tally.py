from msgspec.structs import replace

from lanchat.journal import MembershipRecord
from lanchat.rooms.memberships.tally import Arrivals, Fresh, Tally

MINE = MembershipRecord("ada", "r1", read=3)


def said(seq: int, author: str = "bob", *mentions: str) -> Fresh:
    return Fresh(seq, author, frozenset(mentions))


def came(*messages: Fresh) -> Arrivals:
    return Arrivals(messages)


def counted(upto: int = 5, *unread: bool) -> Tally:
    tally = Tally(MINE)
    tally.count(upto, unread)
    return tally


def numbers(tally: Tally) -> tuple[int, int]:
    return tally.shown.unread, tally.shown.mentions


def test_what_comes_is_added_to_what_was_counted() -> None:
    tally = counted(5, False, True)
    assert tally.take(came(said(5), said(6), said(7, "ada", "ada"), said(8, "bob", "ada")))
    assert numbers(tally) == (4, 2)
    assert not tally.stale


def test_what_comes_behind_everything_that_was_counted_is_counted_the_same_way() -> None:
    tally = counted(5)
    assert tally.take(came(said(6, "ada", "ada"), said(7, "bob", "ada", "eve"), said(8, "eve", "bob")))
    assert numbers(tally) == (2, 1)


def test_what_was_counted_or_is_ones_own_changes_no_number() -> None:
    tally = counted(5, False)
    assert not tally.take(came(said(4), said(5, "bob", "ada")))
    assert not tally.take(came(said(6, "ada", "bob")))
    assert not tally.take(came())
    assert numbers(tally) == (1, 0)
    assert tally.take(came(said(6), said(7)))
    assert numbers(tally) == (2, 0)


def test_what_came_while_the_journal_was_asked_is_counted_anew() -> None:
    tally = Tally(MINE)
    tally.take(came(said(6)))
    tally.count(5, (False,))
    assert tally.stale
    tally.count(6, (False, False))
    assert (tally.stale, numbers(tally)) == (False, (2, 0))


def test_reading_everything_needs_no_counting_and_reading_some_does() -> None:
    tally = counted(5, False, True)
    tally.move(replace(MINE, read=4), 5)
    assert tally.stale
    tally.move(replace(MINE, read=5), 5)
    assert (tally.stale, numbers(tally)) == (False, (0, 0))
    tally.take(came(said(6, "bob", "ada")))
    assert numbers(tally) == (1, 1)


def test_what_is_wanted_of_a_room_changes_no_number() -> None:
    tally = counted(5, False, True)
    tally.move(replace(MINE, notices="nothing", favourite=True, place=2, view=4), 5)
    shown = tally.shown
    assert (tally.stale, numbers(tally)) == (False, (2, 1))
    assert (shown.notices, shown.favourite, shown.place, shown.view) == ("nothing", True, 2, 4)


def test_a_deletion_matters_where_something_is_unread() -> None:
    tally, other = counted(5, False), counted(5)
    tally.lost()
    other.lost()
    assert (tally.stale, other.stale) == (True, False)
