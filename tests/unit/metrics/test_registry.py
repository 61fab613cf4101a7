"""Adding up, and the growth of the last hour."""

import pytest

from lanchat.metrics.counters import COUNTERS
from lanchat.metrics.registry import MINUTES, CounterRegistry

NOON = 1_800_000_000.0


class Clock:
    """Seconds since 1970, moved by the test."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def test_numbers_and_their_parts_add_up() -> None:
    tally = CounterRegistry()
    tally.add({"repairs": 2, "events_kept:message": 3, "refusals:not_json": 1})
    tally.add({"repairs": 1, "events_kept:edit": 4})
    assert tally.total("repairs") == 3
    assert tally.parts("repairs") == {"": 3}
    assert tally.parts("events_kept") == {"message": 3, "edit": 4, "reaction": 0, "deletion": 0}
    assert tally.parts("refusals") == {"not_json": 1}
    assert tally.total("jobs") == 0


@pytest.mark.parametrize(
    "counts",
    [
        {"unknown": 1},
        {"repairs": "1"},
        {"repairs": -1},
        {"repairs": None},
        {"repairs:x": 1},
        {"refusals": 1},
        {'refusals:"} 1': 1},
        {"refusals:" + "x" * 41: 1},
        {"refusals:ä": 1},
    ],
)
def test_what_is_no_number_of_ours_is_passed_over(counts: dict[str, object]) -> None:
    tally = CounterRegistry()
    tally.add(counts)
    assert {name: tally.total(name) for name in COUNTERS} == dict.fromkeys(COUNTERS, 0)
    assert tally.parts("refusals") == {}


def test_a_stranger_cannot_make_parts_without_end() -> None:
    tally = CounterRegistry()
    for number in range(1000):
        tally.add({f"refusals:code{number}": 1})
    assert len(tally.parts("refusals")) == 64
    tally.add({"refusals:code1": 1})
    assert tally.parts("refusals")["code1"] == 2


def test_the_last_hour_is_known_minute_by_minute() -> None:
    clock = Clock()
    tally = CounterRegistry(clock)
    tally.add({"repairs": 5})
    clock.now += 60
    tally.add({"repairs": 1, "events_kept:message": 2, "events_kept:edit": 1})
    history = tally.history("repairs")
    assert len(history) == MINUTES
    assert history[-2:] == [(NOON, 5), (NOON + 60, 1)]
    assert sum(value for _, value in history) == 6
    assert tally.history("events_kept")[-1] == (NOON + 60, 3)


def test_what_is_older_than_an_hour_is_forgotten_but_not_from_the_sum() -> None:
    clock = Clock()
    tally = CounterRegistry(clock)
    tally.add({"repairs": 5})
    clock.now += MINUTES * 60
    assert sum(value for _, value in tally.history("repairs")) == 0
    tally.add({"repairs": 1})
    assert len(tally._minutes) == 1
    assert tally.total("repairs") == 6


def test_a_clock_that_is_set_back_costs_the_history_only() -> None:
    clock = Clock()
    tally = CounterRegistry(clock)
    tally.add({"repairs": 5})
    clock.now -= 86_400
    tally.add({"repairs": 1})
    assert [value for _, value in tally.history("repairs") if value] == [1]
    assert tally.total("repairs") == 6
