"""No rule of a room in Redis can be taken out without the model finding what that breaks."""

from typing import NamedTuple

import pytest

from tests.model.schedule import Step
from tests.model.shared.mutations import MUTATIONS
from tests.model.shared.schedule import broken, first_broken, played
from tests.support.redis.servers import RedisServer

_MOST = 150
"""Schedules that are tried."""
_KNOWN = {
    "a_server_that_was_started_again_numbers_at_once": 2,
    "the_first_who_comes_fills": 39,
    "a_meeting_waits_for_nobody": 59,
    "a_meeting_raises_no_term": 5,
    "a_term_only_counts": 11,
    "nodes_may_take_what_is_on_no_disk": 1,
    "what_waits_is_brought_once": 0,
    "a_new_term_is_no_reason_to_bring_it_again": 56,
    "what_is_numbered_waits_no_more": 18,
    "what_is_not_kept_is_taken": 1,
    "another_history_is_not_noticed": 5,
    "what_is_missing_is_another_history": 4,
    "who_wrote_nothing_lets_nodes_have_what_others_wrote": 78,
    "what_is_filled_begins_one_later": 0,
    "a_post_is_acknowledged_before_it_is_kept": 10,
}
"""Seeds that are tried first, because they found it when this was written."""


class Made(NamedTuple):
    """What happens where chance would take too long to find it, and the seed that decides the timing."""

    seed: int
    steps: tuple[Step, ...]


_MADE = {
    # What bob says is on its way while he says it at another host as well.
    "a_nonce_is_not_looked_up": Made(
        1,
        (
            Step("stall", ("bob",), 0.0),
            Step("say", ("bob", 1), 0.0),
            Step("say_elsewhere", ("bob", "ann"), 0.3),
            Step("mend", ("bob",), 0.3),
        ),
    ),
    # What ann says comes to Redis after the others have met without her, and before what she alone has.
    "a_post_of_another_term_is_numbered": Made(
        1,
        (
            Step("cut", ("bob",), 0.0),
            Step("cut", ("eve",), 0.3),
            Step("say", ("ann", 2), 0.3),
            Step("say_late", ("ann", 1), 0.0),
            Step("flush", (), 0.0),
            Step("mend", ("bob",), 0.0),
            Step("mend", ("eve",), 9.0),
            Step("mend", ("ann",), 0.3),
        ),
    ),
    # Whoever fills is held up until another has done it.
    "a_filler_that_was_held_up_goes_on": Made(
        15,
        (
            Step("say", ("ann", 6), 0.0),
            Step("say", ("bob", 6), 0.3),
            Step("say", ("eve", 6), 2.5),
            Step("flush", (), 1.7),
            Step("stall", ("ann",), 0.0),
            Step("stall", ("bob",), 0.0),
            Step("stall", ("eve",), 9.0),
            Step("sever", ("ann",), 0.0),
            Step("mend", ("ann",), 0.0),
            Step("sever", ("eve",), 0.0),
            Step("mend", ("eve",), 9.0),
            Step("say", ("ann", 2), 0.3),
            Step("mend", ("bob",), 9.0),
        ),
    ),
    # What bob lacks goes, and what is said then lies behind the hole.
    "a_missing_key_is_not_noticed": Made(
        1,
        (
            Step("cut", ("bob",), 0.3),
            Step("say", ("ann", 2), 0.3),
            Step("evict", ("stream",), 0.0),
            Step("say", ("ann", 1), 0.3),
            Step("mend", ("bob",), 2.5),
        ),
    ),
    # What ann and eve have from a former master is said again, and has the same numbers, while eve is away.
    "an_event_is_known_by_its_nonce_and_time": Made(
        2,
        (
            Step("part", ("ann", "eve"), 2.5),
            Step("say", ("ann", 2), 0.3),
            Step("cut", ("eve",), 0.0),
            Step("end_former", (), 9.0),
            Step("mend", ("eve",), 2.5),
        ),
    ),
}


@pytest.mark.parametrize("rule", MUTATIONS)
def test_the_model_finds_that(server: RedisServer, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[rule](monkeypatch)
    if made := _MADE.get(rule):
        assert played(server.port, made.steps, made.seed) != []
    else:
        assert first_broken(server.port, [_KNOWN[rule], *range(_MOST)]) is not None


@pytest.mark.parametrize("rule", _MADE)
def test_with_all_rules_what_was_made_breaks_nothing(server: RedisServer, rule: str) -> None:
    assert played(server.port, _MADE[rule].steps, _MADE[rule].seed) == []


@pytest.mark.parametrize("seed", sorted(set(_KNOWN.values())))
def test_with_all_rules_these_schedules_break_nothing(server: RedisServer, seed: int) -> None:
    assert broken(server.port, seed) == []
