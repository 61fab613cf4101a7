"""The scenarios of several hosts.

To work on one: `tests/support/lan/lab python -m pytest tests/lab/scenarios -k NAME`.
"""

from pathlib import Path

import pytest

from tests.labs import Labs, found_in, look


@pytest.mark.parametrize("lab_test", [name for name, _ in found_in(Path(__file__).with_name("scenarios"))])
def test_scenario(lab_test: str, labs: Labs) -> None:
    look(lab_test, labs)
