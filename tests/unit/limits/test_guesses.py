import msgspec
import pytest

from lanchat.errors import SlowDown
from lanchat.limits import Guesses, Limits

LIMITS = Limits(guesses_per_address=3, guesses_per_room=5, guess_seconds=600.0, guess_pause=60.0)


def burst(guesses: Guesses, address: str, now: float) -> list[bool]:
    return [guesses.begin("room", address, now) for _ in range(3)]


def test_after_so_many_there_is_a_pause() -> None:
    guesses = Guesses(LIMITS)
    assert burst(guesses, "a", 0) == [False, False, True]
    with pytest.raises(SlowDown, match="60 seconds"):
        guesses.begin("room", "a", 0)
    with pytest.raises(SlowDown, match="1 seconds"):
        guesses.begin("another", "a", 59.5)
    assert guesses.begin("room", "a", 60) is True  # as long as the others are not ten minutes old
    assert guesses.begin("room", "a", 700) is False


def test_each_pause_that_follows_soon_is_twice_as_long_up_to_an_hour() -> None:
    guesses = Guesses(msgspec.structs.replace(LIMITS, guesses_per_room=10_000))
    now = 0.0
    for pause in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        while not guesses.begin("room", "a", now):
            pass
        with pytest.raises(SlowDown, match=f"{pause} seconds"):
            guesses.begin("room", "a", now)
        now += pause
    burst(guesses, "a", now + 3600)
    with pytest.raises(SlowDown, match="60 seconds"):
        guesses.begin("room", "a", now + 3600)


def test_a_room_has_a_bound_however_many_addresses_guess() -> None:
    guesses = Guesses(LIMITS)
    assert [guesses.begin("room", f"address {number}", 0) for number in range(5)] == [False] * 4 + [True]
    with pytest.raises(SlowDown):
        guesses.begin("room", "a sixth", 0)
    assert guesses.begin("another", "a sixth", 0) is False


def test_slow_guesses_are_let_be() -> None:
    guesses = Guesses(LIMITS)
    assert not any(guesses.begin("room", "a", 301.0 * number) for number in range(50))


def test_a_right_one_is_not_counted_and_forgives_no_wrong_one() -> None:
    guesses = Guesses(LIMITS)
    for number in range(50):
        guesses.begin("room", "a", number)
        guesses.right("room", "a")
    guesses.begin("room", "a", 51)
    guesses.begin("room", "a", 51)
    guesses.begin("own room", "a", 51)
    guesses.right("own room", "a")
    assert guesses.begin("room", "a", 51) is True


def test_the_right_one_ends_the_pause_that_it_began() -> None:
    guesses = Guesses(msgspec.structs.replace(LIMITS, guesses_per_room=1))
    assert guesses.begin("room", "a", 0) is True
    guesses.right("room", "a")
    assert guesses.begin("room", "b", 0) is True


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanchat.limits.guesses.MOST_KEYS", 10)
    guesses = Guesses(msgspec.structs.replace(LIMITS, guesses_per_room=10_000))
    for number in range(100):
        guesses.begin("room", f"{number}", 0)
    assert len(guesses._tallies) == 10
