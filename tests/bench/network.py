"""Networks as they are: many nodes, machines that move, what is blocked, what is forged, and what the diagnosis names.

In the lab (tests/support/lan/lab): there this bench runs `python -m tests.bench.network_lab`, a scenario at a time.
"""

import json
import subprocess
import sys
from typing import Any

from tests.bench.programs import ROOT
from tests.bench.rows import BenchFailed, Row, missing, plain
from tests.support.places import LAB

NAME = "network"
QUICK, FULL = 12, 100
"""Nodes that are on one network at once."""
SCENARIOS = ("crowd", "guests", "moved", "link_local", "blocked", "forged", "diagnosis")
_LONGEST = 3_600.0


def measure(*, quick: bool = False) -> list[Row]:
    """Let each scenario happen, and read its figures."""
    return [row for scenario in SCENARIOS for row in _rows(scenario, QUICK if quick else FULL, 1 if quick else 3)]


def _rows(scenario: str, nodes: int, rounds: int) -> list[Row]:
    try:
        figures = run(scenario, nodes, rounds)
    except BenchFailed as error:  # the others are still to be measured
        return [missing(NAME, scenario, str(error))]
    return [plain(NAME, figure.pop("what"), figure.pop("values"), figure.pop("unit"), **figure) for figure in figures]


def run(scenario: str, nodes: int, rounds: int) -> list[dict[str, Any]]:
    """Let one scenario happen in the lab.

    Args:
        scenario: which one.
        nodes: how many nodes are on one network, where it is about that.
        rounds: how often it happens, where it is about a time.

    Raises:
        BenchFailed: it ended badly.
    """
    command = [str(LAB), sys.executable, "-m", "tests.bench.network_lab", scenario, str(nodes), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_LONGEST, check=False)
    if done.returncode:
        raise BenchFailed(f"it failed: {done.stderr.strip()[-500:]}")
    figures: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return figures
