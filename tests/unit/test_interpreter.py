"""How Python is set around a start."""

import gc
import sys
from collections.abc import Iterator

import pytest

from lanchat import interpreter


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The interpreter as it was, after the test."""
    interval = sys.getswitchinterval()
    yield
    gc.enable()
    gc.unfreeze()
    sys.setswitchinterval(interval)


def test_nothing_is_collected_during_a_start_and_what_it_made_is_not_walked_later() -> None:
    interpreter.begin()
    assert not gc.isenabled()
    made: list[list[int]] = [[] for _ in range(10)]
    interpreter.settle()
    assert gc.isenabled()
    walked = {id(each) for each in gc.get_objects()}
    assert not any(id(each) in walked for each in made)
    later: list[int] = []
    assert id(later) in {id(each) for each in gc.get_objects()}


def test_threads_that_compute_give_way_soon() -> None:
    interpreter.settle()
    assert sys.getswitchinterval() == pytest.approx(interpreter.SWITCH)
