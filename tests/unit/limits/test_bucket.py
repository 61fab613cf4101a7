from lanchat.limits import TokenBucket


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    bucket = TokenBucket(rate=2, burst=3)
    assert [bucket.take(100.0) for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    assert [bucket.take(100.5), bucket.take(100.5)] == [0, 0.5]


def test_a_rest_never_gives_more_than_the_burst() -> None:
    bucket = TokenBucket(rate=2, burst=3)
    assert sum(bucket.take(1e9) == 0 for _ in range(10)) == 3


def test_whoever_is_refused_loses_nothing() -> None:
    bucket = TokenBucket(rate=1, burst=1)
    assert bucket.take(0) == 0
    assert [bucket.take(0.5) for _ in range(100)] == [0.5] * 100
    assert bucket.take(1) == 0


def test_what_costs_more_waits_longer() -> None:
    bucket = TokenBucket(rate=10, burst=100)
    assert bucket.take(0, 100) == 0
    assert bucket.take(0, 5) == 0.5


def test_who_may_wait_is_told_how_long_and_waits_behind_the_others() -> None:
    bucket = TokenBucket(rate=10, burst=1)
    assert [round(bucket.spend(0), 3) for _ in range(4)] == [0, 0.1, 0.2, 0.3]
    assert bucket.spend(0.4) == 0


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(rate=1000, burst=1)
    assert bucket.take(10) == 0
    assert bucket.take(9) > 0
    assert bucket.take(10) > 0
