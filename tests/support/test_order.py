"""Workers begin with what takes long, one of each kind in turn."""

from pathlib import Path

import pytest

from tests.support.order import KINDS, in_turns


def modules(*places: str) -> list[str]:
    return [f"tests/{folder}/test_{name}.py" for folder, name in (place.rsplit("/", 1) for place in places)]


def test_each_kind_has_its_turn_and_what_is_short_comes_last() -> None:
    given = modules("lab/scenarios/a", "lab/scenarios/b", "page/a", "page/b", "recovery/a", "recovery/lab/a", "unit/a")
    wanted = ("lab/scenarios/a", "page/a", "recovery/a", "lab/scenarios/b", "page/b", "recovery/lab/a", "unit/a")
    assert in_turns(given) == modules(*wanted)


@pytest.mark.parametrize("begins", [begins for kind in KINDS for begins in kind])
def test_every_kind_is_somewhere(begins: str) -> None:
    assert (Path(__file__).parents[2] / begins).exists()
