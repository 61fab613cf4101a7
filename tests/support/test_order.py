"""Workers begin with what takes long, one of each kind in turn."""

from pathlib import Path

import pytest

from tests.support.order import KINDS, in_turns


def test_each_kind_has_its_turn_and_what_is_short_comes_last() -> None:
    given = [
        "tests/chat/test_a.py",
        "tests/lan/scenarios/test_a.py",
        "tests/lan/scenarios/test_b.py",
        "tests/page/test_a.py",
        "tests/page/test_b.py",
        "tests/recovery/lab/test_a.py",
        "tests/recovery/test_a.py",
    ]
    assert in_turns(given) == [
        "tests/lan/scenarios/test_a.py",
        "tests/page/test_a.py",
        "tests/recovery/test_a.py",
        "tests/lan/scenarios/test_b.py",
        "tests/page/test_b.py",
        "tests/recovery/lab/test_a.py",
        "tests/chat/test_a.py",
    ]


@pytest.mark.parametrize("begins", [begins for kind in KINDS for begins in kind])
def test_every_kind_is_somewhere(begins: str) -> None:
    assert (Path(__file__).parents[2] / begins).exists()
