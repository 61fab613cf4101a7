import pytest

from lanchat.limits import TokenRate


class Bucket:
    """Somebody with such a bucket."""

    def __init__(self, a_second: float, at_once: float) -> None:
        self.rate = TokenRate(a_second, at_once)
        self.full = 0.0

    def take(self, now: float, cost: float = 1) -> float:
        full = self.rate.after(self.full, now, cost)
        wait = self.rate.wait(full, now)
        if not wait:
            self.full = full
        return wait

    def spend(self, now: float) -> float:
        self.full = self.rate.after(self.full, now)
        return self.rate.wait(self.full, now)


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    bucket = Bucket(2, 3)
    assert [bucket.take(100.0) for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    assert [bucket.take(100.5), bucket.take(100.5)] == [0, 0.5]


def test_a_rest_never_gives_more_than_the_burst() -> None:
    bucket = Bucket(2, 3)
    assert sum(bucket.take(1e9) == 0 for _ in range(10)) == 3


def test_whoever_is_refused_loses_nothing() -> None:
    bucket = Bucket(1, 1)
    assert bucket.take(0) == 0
    assert [bucket.take(0.5) for _ in range(100)] == [0.5] * 100
    assert bucket.take(1) == 0


def test_what_costs_more_waits_longer() -> None:
    bucket = Bucket(10, 100)
    assert bucket.take(0, 100) == 0
    assert bucket.take(0, 5) == pytest.approx(0.5)


def test_who_may_wait_is_told_how_long_and_waits_behind_the_others() -> None:
    bucket = Bucket(10, 1)
    assert [bucket.spend(0) for _ in range(4)] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert bucket.spend(0.4) == 0


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    bucket = Bucket(1000, 1)
    assert bucket.take(10) == 0
    assert bucket.take(9) > 0
    assert bucket.take(10) > 0


@pytest.mark.parametrize(("a_second", "at_once"), [(50, 1000), (0.5, 20), (7, 13), (1e6, 8e6), (1 / 3, 3)])
def test_rounding_takes_nothing_away(a_second: float, at_once: int) -> None:
    bucket = Bucket(a_second, at_once)
    whole = min(int(at_once), 5000)
    assert [bucket.take(123456.789, at_once / whole) for _ in range(whole)] == [0] * whole
    assert bucket.take(123456.789, at_once / whole) > 0
