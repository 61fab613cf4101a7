from lanchat.layers.redis.statistics import Counters, Statistics


def test_a_snapshot_does_not_change_afterwards() -> None:
    counters = Counters()
    counters.sent += 2
    counters.poisoned += 1
    before = counters.snapshot()
    counters.sent += 1
    assert before == Statistics(sent=2, poisoned=1)
    assert counters.snapshot().sent == 3
