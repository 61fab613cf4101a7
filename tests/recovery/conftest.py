"""What all fault tests share: dice with a seed that is printed, and clients that notice silence soon.

The tests in `lab` break networks and disks, so they run inside `tests/support/lan/lab`.
"""

import os
import random
import zlib

import pytest

from tests.recovery.node import SILENCE


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Dice of the test's own. A long test has others each time; `SEED=…` in the environment repeats a run."""
    chance = request.node.get_closest_marker("soak") is not None
    seed = int(
        os.environ.get("SEED") or (random.randrange(1 << 32) if chance else zlib.crc32(request.node.name.encode()))
    )
    print(f"SEED={seed}")
    return random.Random(seed)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients give a silent connection up as soon as the nodes of these tests do."""
    monkeypatch.setattr("lanchat.lan.connection.connection.SILENCE", SILENCE)
