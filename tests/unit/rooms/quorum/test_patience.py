"""When a node goes on by itself: the time that it waits, and who goes first."""

import pytest

from lanchat.rooms.quorum.patience import TURN, Patience, turn_of


def ends(patience: Patience, now: float, *, numbered: bool = False, after: float = 10.0, turn: int = 0) -> bool:
    return patience.ends(now, numbered=numbered, after=after, turn=turn)


def test_it_ends_once_nobody_has_numbered_for_the_time_and_begins_anew_then() -> None:
    patience = Patience()
    assert [ends(patience, now) for now in (100.0, 109.9, 110.0, 110.1, 119.9, 120.1)] == [
        *(False, False, True),
        *(False, False, True),
    ]


def test_somebody_who_numbers_meanwhile_lets_it_begin_anew() -> None:
    patience = Patience()
    assert not ends(patience, 0.0)
    assert not ends(patience, 9.0, numbered=True)
    assert not ends(patience, 10.0)
    assert not ends(patience, 19.9)
    assert ends(patience, 20.0)


def test_where_nobody_has_said_so_it_never_ends_and_a_new_time_counts_from_then() -> None:
    patience = Patience()
    assert not any(ends(patience, now, after=0.0) for now in (0.0, 1e6))
    assert not ends(patience, 1e6)
    assert ends(patience, 1e6 + 10)


def test_who_has_others_before_it_waits_longer() -> None:
    patience = Patience()
    assert not ends(patience, 0.0, turn=2)
    assert not ends(patience, 9.9 + 2 * TURN, turn=2)
    assert ends(patience, 10.0 + 2 * TURN, turn=2)


@pytest.mark.parametrize(
    ("me", "here", "turn"),
    [("b", set[str](), 0), ("a", {"b", "c"}, 0), ("b", {"a", "c"}, 1), ("c", {"a", "b", "x"}, 2), ("c", {"b"}, 1)],
)
def test_of_those_who_hear_each_other_each_has_another_turn(me: str, here: set[str], turn: int) -> None:
    assert turn_of(me, ["a", "b", "c"], here) == turn
