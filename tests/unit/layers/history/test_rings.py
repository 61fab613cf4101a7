import pytest

from lanchat.layers.history import HistoryBounds, Position, Rings, rings
from tests.support.clock import Clock

KEPT = HistoryBounds(seconds=60)


def test_of_too_many_groups_the_one_goes_that_was_silent_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rings, "MOST_GROUPS", 2)
    kept = Rings()
    for group in ("a", "b", "a", "c"):
        kept.append(group, KEPT, {"type": "t"}, 10)
    tops = {group: kept.page(group, KEPT, None, 10).top for group in ("a", "b", "c")}
    assert tops == {"a": 2, "b": 0, "c": 1}


def test_who_knew_a_group_that_went_starts_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rings, "MOST_GROUPS", 1)
    kept = Rings()
    kept.append("a", KEPT, {"type": "t"}, 10)
    known = kept.page("a", KEPT, None, 10).position
    kept.append("b", KEPT, {"type": "t"}, 10)
    kept.append("a", KEPT, {"type": "t"}, 10)
    page = kept.page("a", KEPT, known, 10)
    assert (page.start_over, page.missed, len(page.entries)) == (True, None, 1)


def test_a_silent_group_is_forgotten_in_the_end(clock: Clock) -> None:
    kept = Rings()
    kept.append("a", KEPT, {"type": "t"}, 10)
    clock.advance(61)
    kept.sweep()
    assert kept
    assert kept.page("a", KEPT, None, 10).top == 1
    clock.advance(86_400)
    kept.sweep()
    assert not kept


def test_nobody_starts_over_who_knows_nothing_of_a_group_of_which_nothing_is_kept() -> None:
    kept = Rings()
    begun = kept.page("a", KEPT, None, 10).position
    assert begun.seq == 0
    page = kept.page("a", KEPT, begun, 10)
    assert (page.start_over, page.missed) == (False, 0)
    assert kept.page("a", KEPT, Position("abc", 1), 10).start_over
