from typing import Any

import pytest

from lanchat.layers import InMemoryChannelLayer
from lanchat.layers.history import HistoryBounds


def test_it_is_read_from_a_configuration() -> None:
    assert HistoryBounds.read({"entries": 5, "seconds": 60}) == HistoryBounds(entries=5, seconds=60)
    assert HistoryBounds.read(HistoryBounds()) == HistoryBounds(1_000, 3_600.0, 8 * 2**20)


@pytest.mark.parametrize("given", [None, 5, [1], {"entrys": 5}, {"entries": "5"}, {"entries": True}])
def test_what_is_none_is_refused(given: Any) -> None:
    with pytest.raises(TypeError):
        InMemoryChannelLayer(history={"g": given})


@pytest.mark.parametrize("given", [{"entries": 0}, {"seconds": -1}, {"size": 0}, {"seconds": float("nan")}])
def test_a_bound_is_above_zero(given: Any) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        InMemoryChannelLayer(history={"g": given})


def test_the_first_pattern_that_fits_counts() -> None:
    layer = InMemoryChannelLayer(history={"a*": {"entries": 1}, "ab": {"entries": 2}})
    found = layer.get_history_bounds("ab")
    assert found is not None
    assert found.entries == 1
    assert layer.get_history_bounds("b") is None
