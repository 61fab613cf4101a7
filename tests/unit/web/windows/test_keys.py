"""One-time tokens work once and in time; bearers and the local key stay; nothing else opens."""

import pytest

from lanchat.web.windows import keys as keys_module
from lanchat.web.windows.keys import ONCE_LIFE, Keys
from lanchat.web.windows.sign_ins import SignIns


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def made() -> Keys:
    return Keys(SignIns(None, 1))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keys_module, "time", clock)
    return clock


def test_a_one_time_token_gives_a_bearer_once() -> None:
    keys = made()
    once = keys.issue()
    bearer = keys.enter(once)
    assert bearer is not None
    assert keys.is_key(bearer)
    assert keys.enter(once) is None
    assert not keys.is_key(once)


def test_every_window_gets_tokens_of_its_own() -> None:
    keys = made()
    tokens = [keys.issue() for _ in range(20)]
    bearers = [keys.enter(token) for token in tokens]
    assert len({keys.local, *tokens, *bearers}) == 41
    assert all(len(token) >= 43 for token in (keys.local, *tokens))
    assert all(bearer is not None and keys.is_key(bearer) for bearer in bearers)


def test_a_token_lives_as_long_as_a_window_needs_to_open(clock: Clock) -> None:
    keys = made()
    early, late = keys.issue(), keys.issue()
    clock.now += ONCE_LIFE
    assert keys.enter(early) is not None
    clock.now += 0.1
    assert keys.enter(late) is None


def test_tokens_that_nobody_swapped_are_forgotten(clock: Clock) -> None:
    keys = made()
    for _ in range(10):
        keys.issue()
        clock.now += ONCE_LIFE + 1
    assert len(keys._once) == 1


def test_a_browser_that_was_here_goes_on_with_its_bearer_and_uses_the_token_up() -> None:
    keys = made()
    bearer = keys.enter(keys.issue())
    assert bearer is not None
    once = keys.issue()
    assert keys.enter(once, bearer) == bearer
    assert keys.enter(once) is None
    assert keys.enter("", bearer) == bearer
    assert keys.enter("", "another") is None
    assert len(list(keys.windows)) == 1


@pytest.mark.parametrize("token", ["", "wrong", "é", "\udcff", "x" * 100_000])
def test_what_was_never_given_opens_nothing(token: str) -> None:
    keys = made()
    assert keys.enter(token) is None
    assert not keys.is_key(token)


def test_the_keys_of_one_run_open_no_other() -> None:
    one, two = made(), made()
    assert not two.is_key(one.local)
    assert two.enter(one.issue()) is None
