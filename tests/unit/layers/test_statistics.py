import logging

import pytest

from lanchat.layers.statistics import Counters, Statistics


def test_a_snapshot_does_not_change_afterwards() -> None:
    counters = Counters()
    counters.sent += 2
    counters.poisoned += 1
    before = counters.snapshot()
    counters.sent += 1
    assert before == Statistics(sent=2, poisoned=1)
    assert counters.snapshot().sent == 3


def test_every_loss_is_counted_and_one_of_many_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    counters = Counters()
    counters.miss(0, 5, "g")
    for _ in range(3):
        counters.drop("a", 2)
        counters.miss(2, 5, "g")
    assert counters.snapshot() == Statistics(dropped=12)
    assert [record.getMessage() for record in caplog.records] == [
        "The channel a is full; messages to it are dropped",
        "2 of 5 channels over capacity in group g",
    ]
