"""Slow mode, by a clock that the test moves."""

import pytest

from lanchat.errors import LimitReached, SlowMode
from lanchat.rooms.door.pace import HELD, MOST, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_each_person_waits_between_two_and_begins_anew_when_the_pause_changes() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.keep("ada", 10, "one", link=False)
    pace.keep("bob", 10, "two", link=False)
    with pytest.raises(SlowMode, match="10 seconds"):
        pace.keep("ada", 10, "three", link=False)
    clock.now += 10
    pace.keep("ada", 10, "three", link=False)
    pace.restart()
    pace.keep("ada", 20, "four", link=False)


def test_what_is_said_again_is_not_counted_again() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.keep("ada", 10, "one", link=False)
    for _ in range(3):
        pace.keep("ada", 10, "one", link=False)
    clock.now += 11
    pace.keep("ada", 10, "one", link=False)
    pace.keep("ada", 10, "two", link=False)
    with pytest.raises(SlowMode):
        pace.keep("ada", 10, "refused", link=False)
    with pytest.raises(SlowMode):
        pace.keep("ada", 10, "refused", link=False)


def test_what_waited_at_another_node_goes_through_up_to_a_bound() -> None:
    pace = Pace(Clock())
    for _ in range(2):
        for number in range(HELD):
            pace.keep("ada", 10, f"{number}", link=True)
    with pytest.raises(LimitReached):
        pace.keep("ada", 10, "one more", link=True)
    pace.keep("ada", 10, "here", link=False)


def test_what_is_remembered_is_bounded() -> None:
    pace = Pace(Clock())
    for number in range(MOST + 5):
        pace.keep(f"person {number}", 10, f"{number}", link=False)
    assert (len(pace._full), len(pace._counted)) == (MOST, MOST)
