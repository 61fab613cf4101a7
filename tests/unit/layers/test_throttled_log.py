import logging

import pytest

from lanchat.layers.throttled_log import ThrottledLog


def test_a_line_comes_once_in_a_while(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    one, other = (ThrottledLog(logging.getLogger("test"), logging.WARNING, f"{name}: %s of %s") for name in "ab")
    for seconds in (0, 9.9, 10, 19, 30):
        clock[0] = 100 + seconds
        one(seconds, 5)
    other(1, 2)
    assert [record.getMessage() for record in caplog.records] == ["a: 0 of 5", "a: 10 of 5", "a: 30 of 5", "b: 1 of 2"]
