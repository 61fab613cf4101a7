"""An error that says when it may be tried again."""

from lanchat.errors import SlowDown


def test_what_comes_too_often_says_how_long_to_wait() -> None:
    assert (SlowDown("Wait.", wait=2.5).wait, SlowDown().wait) == (2.5, 0.0)
