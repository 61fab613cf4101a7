from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.layers.history import Position


@given(st.from_regex(r"[0-9a-f]{1,32}", fullmatch=True), st.integers(0, 10**18 - 1))
def test_it_is_read_as_it_is_written(epoch: str, seq: int) -> None:
    assert Position.parse(str(Position(epoch, seq))) == Position(epoch, seq)


@pytest.mark.parametrize("text", ["", "-1", "ab", "ab-", "ab-x", "AB-1", "ab-1\n", "a" * 33 + "-1", "a-" + "1" * 19, 5])
def test_what_is_none_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="a hyphen and a number"):
        Position.parse(text)


def test_a_message_without_one_has_none() -> None:
    assert Position.of({"type": "t"}) is None
