"""Who is here, by a clock of the test."""

from typing import Any

import pytest

from lanchat.consumers.errors import TooManyUsers
from lanchat.consumers.presence.table import PresenceTable


def table(most: int = 10) -> PresenceTable:
    return PresenceTable(grace=5, lease=30, most=most)


def test_a_user_with_three_connections_is_one_and_leaves_after_the_last() -> None:
    one = table()
    for connection in range(3):
        one.enter(connection, "ada")
    assert one.look(0) == (["ada"], [])
    one.leave(0)
    one.leave(1)
    assert one.look(100) == ([], [])
    one.leave(2)
    assert one.look(100) == ([], [])
    assert (one.due(), one.users, one.ours) == (105, ["ada"], [])
    assert one.look(104.9) == ([], [])
    assert one.look(105) == ([], ["ada"])
    assert (one.due(), one.users, one.has_connections) == (None, [], False)


def test_who_comes_back_in_time_has_never_left() -> None:
    one = table()
    one.enter(1, "ada")
    one.look(0)
    one.leave(1)
    one.look(1)
    one.enter(2, "ada")
    assert one.look(2) == one.look(100) == ([], [])


def test_a_user_may_go_over_to_another_process() -> None:
    one = table()
    one.hear("a", ["ada", "bob"], 0)
    assert one.look(0) == (["ada", "bob"], [])
    one.hear("a", ["bob"], 1)
    one.look(1)
    one.hear("b", ["ada"], 3)
    assert one.look(10) == ([], [])


def test_the_word_of_a_process_that_died_ends() -> None:
    one = table()
    one.hear("a", ["ada"], 0)
    one.look(0)
    assert one.due() == 30
    assert one.look(30) == ([], [])
    assert one.look(35) == ([], ["ada"])
    one.hear("a", ["ada"], 40)
    one.hold(60)
    assert one.look(80) == (["ada"], [])


def test_there_are_not_too_many() -> None:
    one = table(most=2)
    one.enter(1, "ada")
    one.hear("a", ["bob", "eve", "ada"], 0)
    assert one.look(0) == (["ada", "bob"], [])
    assert one.passed_over == 1
    one.enter(2, "ada")
    with pytest.raises(TooManyUsers, match="2 users here"):
        one.enter(3, "joe")


@pytest.mark.parametrize("user", ["", "x" * 201, 7, None, b"ada", "\ud83d", ["ada"]])
def test_what_names_no_user_is_refused(user: Any) -> None:
    one = table()
    with pytest.raises(ValueError, match="1 to 200 characters"):
        one.enter(1, user)
    one.hear("a", [user, "ada"], 0)
    assert one.look(0) == (["ada"], [])
