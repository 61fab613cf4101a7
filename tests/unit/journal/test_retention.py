import itertools

import apsw
import msgspec
import pytest

from lanchat.journal import numbering, reading, retention, rooms
from lanchat.journal.retention import Retention, shorten
from lanchat.journal.transaction import Transaction
from tests.support.journal.sayings import everything, say
from tests.support.rooms.said import event


def aged(connection: apsw.Connection, *times: int) -> None:
    run = [event(seq, at=at) for seq, at in enumerate(times, 1)]
    numbering.mirror(Transaction(connection), "r1", run)


def seqs(connection: apsw.Connection) -> list[int]:
    return [item.seq for item in everything(connection)]


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        (Retention(count=3), [4, 5, 6]),
        (Retention(count=99), [1, 2, 3, 4, 5, 6]),
        (Retention(count=0), [6]),
        (Retention(since=30), [3, 4, 5, 6]),
        (Retention(since=0), [1, 2, 3, 4, 5, 6]),
        (Retention(since=999), [6]),
        (Retention(count=5, since=40), [4, 5, 6]),
        (Retention(count=2, since=20), [5, 6]),
        (Retention(), [1, 2, 3, 4, 5, 6]),
    ],
)
def test_what_need_not_be_kept_is_removed(connection: apsw.Connection, limits: Retention, left: list[int]) -> None:
    aged(connection, 10, 20, 30, 40, 50, 60)
    transaction = Transaction(connection)
    removed = shorten(transaction, "r1", limits)
    assert seqs(connection) == left
    assert removed == 6 - len(left)
    assert transaction.oldest == ({"r1": left[0]} if removed else {})
    assert shorten(Transaction(connection), "r1", limits) == 0


def test_where_another_clock_dates_the_events_only_what_was_here_so_long_goes(connection: apsw.Connection) -> None:
    """Rounds at 100, 200, …; each time one more has come, dated long ago or far ahead."""
    lefts = []
    for come in range(1, 6):
        run = [event(come, at=1 if come % 2 else 9_999)]
        numbering.mirror(Transaction(connection), "r1", run)
        shorten(Transaction(connection), "r1", Retention(since=100 * come - 250, now=100 * come))
        lefts.append(seqs(connection)[0])
    assert lefts == [1, 1, 1, 2, 3]


def test_how_far_a_room_had_come_is_noted_only_as_often_as_it_is_needed(connection: apsw.Connection) -> None:
    for now in range(10_000, 20_000, 10):
        numbering.mirror(Transaction(connection), "r1", [event(now // 10 - 999)])
        shorten(Transaction(connection), "r1", Retention(since=now - 2_400, now=now))
    times = [at for (at,) in connection.execute("SELECT at FROM arrival ORDER BY at")]
    assert len(times) <= 26
    assert all(later - earlier >= 100 for earlier, later in itertools.pairwise(times))
    rooms.delete_room(Transaction(connection), "r1")
    assert connection.execute("SELECT count(*) FROM arrival").get == 0


def test_a_clock_that_went_back_leaves_no_hole(connection: apsw.Connection) -> None:
    aged(connection, 10, 50, 20, 60)
    shorten(Transaction(connection), "r1", Retention(since=30))
    assert seqs(connection) == [2, 3, 4]


def test_numbers_go_on_after_everything_else_was_removed(connection: apsw.Connection) -> None:
    say(connection, "one", "two")
    shorten(Transaction(connection), "r1", Retention(count=0))
    assert [item.seq for item in say(connection, "three")] == [3]
    assert reading.oldest(connection, "r1") == 2


def test_an_empty_or_unknown_room_is_let_be(connection: apsw.Connection, transaction: Transaction) -> None:
    assert shorten(transaction, "r1", Retention(count=0, since=99)) == 0
    assert shorten(transaction, "r9", Retention(count=0)) == 0


def test_it_goes_in_small_steps(connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 4)
    aged(connection, *range(10))
    for limits in (Retention(count=1), msgspec.structs.replace(Retention(), since=99)):
        steps = []
        while step := shorten(Transaction(connection), "r1", limits):
            steps.append(step)
        assert steps in ([4, 4, 1], [])
    assert seqs(connection) == [10]


def test_by_age_it_goes_in_the_same_steps(connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 4)
    aged(connection, *range(10))
    assert [shorten(Transaction(connection), "r1", Retention(since=6)) for _ in range(3)] == [4, 2, 0]
    assert seqs(connection) == [7, 8, 9, 10]
