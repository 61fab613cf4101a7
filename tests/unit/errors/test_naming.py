"""Errors of other nodes, by their codes."""

import pytest

from lanchat.consumers import ConsumerError
from lanchat.errors import LanchatError, NoSuchRoom, SlowDown, error_of
from lanchat.layers import LayerUnreachable


@pytest.mark.parametrize("kind", [NoSuchRoom, LayerUnreachable, ConsumerError])
def test_an_error_of_any_tree_is_known_by_its_code(kind: type[LanchatError]) -> None:
    error = error_of(kind.code, "It is so.")
    assert (type(error), str(error)) == (kind, "It is so.")


def test_what_comes_too_often_keeps_its_wait() -> None:
    error = error_of("slow_down", "Wait.", 2.5)
    assert isinstance(error, SlowDown)
    assert error.wait == 2.5


def test_every_known_code_and_any_other_gives_an_error() -> None:
    kinds = [LanchatError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        assert str(error_of(kind.code, "So.")) == "So."
    assert type(error_of("of a later version", "So.")) is LanchatError
