"""No rule of order can be taken out without the model finding what that breaks."""

import pytest

from tests.model.mutations import MUTATIONS
from tests.model.schedule import Step, broken, first_broken, played

_MOST = 150
"""Schedules that are tried."""
_KNOWN = {
    "a_repeated_nonce_appends": 25,
    "a_repeated_nonce_is_not_answered": 16,
    "a_joining_client_reads_first_and_enters_second": 266,
    "a_client_takes_what_comes": 9,
    "a_client_leaves_holes": 11,
    "a_subscription_sends_what_comes": 1,
    "a_subscription_leaves_holes": 8,
    "a_heartbeat_has_no_tops": 5,
    "a_nodes_outbox_is_lost_with_its_process": 3,
    "a_mirrors_cursor_is_what_it_received": 21,
    "a_mirror_forwards_what_it_has": 16,
    "a_cursor_beyond_the_top_is_met_with_silence": 5,
    "another_history_is_not_noticed": 12,
    "a_replaced_history_goes_on_after_the_old_one": 269,
    "a_failed_commit_is_told": 1,
}
"""Seeds that are tried first, because they found it when this was written."""
_MADE = {
    # What ann and bob said reaches the mirror, but neither of them. The home loses it, and is told it again in another
    # order, which ends with the same words.
    "another_history_with_the_same_last_words_is_not_noticed": (
        Step("back_up", (), 0.3),
        Step("lose", ("home", 20), 0.0),
        Step("say", ("ann", 1), 0.3),
        Step("say", ("bob", 1), 0.3),
        Step("say", ("ann", 1), 0.3),
        Step("cut", ("ann",), 0.0),
        Step("cut", ("bob",), 12.0),
        Step("cut", ("link",), 0.0),
        Step("restore", (), 0.3),
        Step("mend", ("bob",), 12.0),
        Step("mend", ("ann",), 12.0),
        Step("mend", ("link",), 12.0),
    ),
}
"""What happens where chance would take too long to find it."""


@pytest.mark.parametrize("rule", MUTATIONS)
def test_the_model_finds_that(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[rule](monkeypatch)
    if rule in _MADE:
        assert played(_MADE[rule]) != []
    else:
        assert first_broken([_KNOWN.get(rule, 0), *range(_MOST)]) is not None


@pytest.mark.parametrize("rule", _MADE)
def test_with_all_rules_what_was_made_breaks_nothing(rule: str) -> None:
    assert played(_MADE[rule]) == []


@pytest.mark.parametrize("seed", sorted(set(_KNOWN.values())))
def test_with_all_rules_these_schedules_break_nothing(seed: int) -> None:
    assert broken(seed) == []
