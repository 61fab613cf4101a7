"""Nothing that was acknowledged is lost, doubled or moved, whatever happens to voters; each rule is needed for it."""

from collections.abc import Iterable

import pytest

from tests.model.quorum.mutations import MUTATIONS
from tests.model.quorum.schedule import broken

_KNOWN = {
    "half_of_the_voters_are_enough": 4,
    "every_home_breaks_the_tie": 0,
    "voters_change_without_both_sets": 104,
    "whoever_has_less_is_elected": 1,
    "somebody_votes_twice": 94,
    "votes_are_not_kept": 5,
    "a_voter_answers_before_it_has_kept": 0,
    "a_home_that_comes_back_goes_on_whoever_else_was_elected": 1,
    "what_is_numbered_waits_no_more": 2,
    "a_repeated_nonce_is_numbered": 0,
    "a_home_shows_what_only_it_has": 1,
    "what_is_in_the_way_stays": 16,
    "who_lost_something_votes_under_the_same_id": 8,
    "a_branch_of_a_branch_begins_where_it_parted_last": 6,
    "what_was_said_apart_is_dropped": 6,
    "what_was_said_apart_waits_behind_what_was_said_later": 39,
    "of_two_homes_of_one_term_neither_gives_way": 15,
    "a_home_whose_voters_went_elsewhere_gives_way_to_no_equal_term": 104,
}
"""Seeds that are tried first, because they found it when this was written."""


def first_broken(seeds: Iterable[int]) -> tuple[int, list[str]] | None:
    """Return the first seed that breaks something, and what."""
    for seed in seeds:
        try:
            wrong = broken(seed)
        except ValueError as error:
            wrong = [str(error)]
        if wrong:
            return seed, wrong
    return None


def test_nothing_acknowledged_is_lost_doubled_or_moved() -> None:
    assert first_broken(range(500)) is None


@pytest.mark.parametrize("seed", [23, 30, 104, 161, 1322, 1983])
def test_a_schedule_that_once_broke_something_breaks_nothing(seed: int) -> None:
    assert broken(seed) == []


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_in_ten_thousand_schedules() -> None:
    assert first_broken(range(10_000, 20_000)) is None


@pytest.mark.parametrize("rule", MUTATIONS)
def test_without_the_rule_something_breaks(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[rule](monkeypatch)
    assert first_broken([_KNOWN[rule], *range(200)]) is not None
