"""Fault tests that break networks and disks.

One alone: `tests/support/lan/lab python -m pytest tests/recovery/lab -k NAME`.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labs import Labs, found_in, look

_no_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk image")


def _tests() -> Iterator[object]:
    for name, marks in found_in(Path(__file__).with_name("lab")):
        soak = [pytest.mark.soak] if "soak" in marks else []
        yield pytest.param(name, marks=[*soak, *([_no_root] if "/test_disk" in name else [])])


@pytest.mark.parametrize("lab_test", list(_tests()))
def test_in_the_lab(lab_test: str, labs: Labs) -> None:
    look(lab_test, labs)
