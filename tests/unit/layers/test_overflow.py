import pytest

from lanchat.layers import Overflow


def test_a_policy_is_known_by_its_name() -> None:
    assert [Overflow(name) for name in ("drop_oldest", "drop_newest", "disconnect")] == list(Overflow)
    with pytest.raises(ValueError, match="explode"):
        Overflow("explode")
