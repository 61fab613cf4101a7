"""The bounds of a WebSocket."""

import pytest

from lanchat.consumers import SocketLimits


@pytest.mark.parametrize("fits", ["", "x" * 10, "é" * 5, b"x" * 10])
def test_what_fits_is_admitted(fits: str | bytes) -> None:
    assert SocketLimits(max_message=10).admits(fits)


@pytest.mark.parametrize("large", ["x" * 11, "é" * 6, b"x" * 11])
def test_what_is_too_large_is_not(large: str | bytes) -> None:
    assert not SocketLimits(max_message=10).admits(large)
    assert SocketLimits(max_message=None).admits(large)
