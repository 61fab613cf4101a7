"""One-time tokens work once and in time; bearers and the local key stay; nothing else opens."""

import pytest

from lanchat.web import keys as keys_module
from lanchat.web.keys import ONCE_LIFE, Keys


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keys_module, "time", clock)
    return clock


def test_a_one_time_token_gives_a_bearer_once() -> None:
    keys = Keys()
    once = keys.issue()
    bearer = keys.swap(once)
    assert bearer is not None
    assert keys.is_key(bearer)
    assert keys.swap(once) is None
    assert not keys.is_key(once)


def test_every_window_gets_tokens_of_its_own() -> None:
    keys = Keys()
    tokens = [keys.issue() for _ in range(20)]
    bearers = [keys.swap(token) for token in tokens]
    assert len({keys.local, *tokens, *bearers}) == 41
    assert all(len(token) >= 43 for token in (keys.local, *tokens))
    assert all(bearer is not None and keys.is_key(bearer) for bearer in bearers)


def test_a_token_lives_as_long_as_a_window_needs_to_open(clock: Clock) -> None:
    keys = Keys()
    early, late = keys.issue(), keys.issue()
    clock.now += ONCE_LIFE
    assert keys.swap(early) is not None
    clock.now += 0.1
    assert keys.swap(late) is None


def test_tokens_that_nobody_swapped_are_forgotten(clock: Clock) -> None:
    keys = Keys()
    for _ in range(10):
        keys.issue()
        clock.now += ONCE_LIFE + 1
    assert len(keys._once) == 1


def test_a_bearer_stays_until_many_newer_ones_have_come(clock: Clock) -> None:
    keys = Keys()
    first = keys.swap(keys.issue())
    assert first is not None
    clock.now += 1_000_000
    for _ in range(64):
        keys.swap(keys.issue())
    assert keys.is_key(first)
    keys.swap(keys.issue())
    assert not keys.is_key(first)
    assert keys.is_key(keys.local)


@pytest.mark.parametrize("token", ["", "wrong", "é", "\udcff", "x" * 100_000])
def test_what_was_never_given_opens_nothing(token: str) -> None:
    keys = Keys()
    assert keys.swap(token) is None
    assert not keys.is_key(token)


def test_the_keys_of_one_run_open_no_other() -> None:
    one, two = Keys(), Keys()
    assert not two.is_key(one.local)
    assert two.swap(one.issue()) is None
