"""The parts of the bench do their work. How quick a node is is no matter here; whether it keeps its bounds is."""

import pytest

from tests.bench.doors import inside, share, silent
from tests.bench.doors.bench import NAME
from tests.bench.doors.flooder import KINDS
from tests.bench.doors.tricks import TRICKS
from tests.bench.rows import BenchFailed, Row


def named(rows: list[Row], what: str) -> Row:
    return next(row for row in rows if row.what.endswith(what))


def test_what_limits_and_guard_take_is_measured() -> None:
    assert [row.value is not None and row.value > 0 for row in share.measure(NAME, count=80)] == [True] * 3


def test_silent_connections_are_held() -> None:
    assert [row.target for row in silent.measure(NAME, seconds=0.1, connections=20)] == ["2 s", "1 s", "20 %"]


def test_a_flood_is_measured_and_what_is_left_of_it() -> None:
    rows = inside.run("floods", kinds=["rooms"], rounds=1, seconds=0.5, patience=0.0)
    assert [row.what.partition(" of rooms")[0] for row in rows[:6]] == [
        "a polite post beside a process that uses half of a core: 99 of 100",
        "a polite post beside a flood",
        "a polite post beside a flood",
        "memory after floods",
        "memory in a flood",
        "as before after a flood",
    ]
    assert all(row.value is not None for row in rows)
    assert [row.ok for row in rows[6:]] == [True] * 4  # listed and found by others, also after a restart


@pytest.mark.parametrize("trick", ["a history that begins later", "frames before its welcome"])
def test_a_trick_of_a_home_is_measured_and_what_it_leaves(trick: str) -> None:
    rows = inside.run("home", tricks=[trick], rounds=1, seconds=0.5)
    assert all(row.value is not None for row in rows)
    for left in ("the database, at most", "set aside, at most", "log of one trick, at most", "history lost"):
        assert named(rows, left).ok, named(rows, left)


def test_forged_advertisements_are_measured() -> None:
    rows = inside.run("forged", seconds=2.0, adverts=300)
    assert len([row for row in rows if row.value is not None]) == 8
    assert named(rows, "rows of others' rooms").ok
    assert named(rows, "rows that look like the real ones").ok


def test_what_fails_in_the_lab_fails() -> None:
    with pytest.raises(BenchFailed):
        inside.run("no_such_part")


def test_every_trick_and_flood_has_a_name_of_its_own() -> None:
    assert len(set(TRICKS)) == len(TRICKS)
    assert len(KINDS) == 8
