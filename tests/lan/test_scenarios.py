"""Runs the scenarios of several hosts in `tests/lan/lab` and reports each as a test of its own.

Nothing is skipped: where namespaces cannot be made the tests fail and say so. To work on one scenario, run it directly:
`tests/lan/lab python -m pytest tests/lan/scenarios -k NAME`.
"""

import ast
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
LAB = Path(__file__).with_name("lab")
SCENARIOS = Path(__file__).with_name("scenarios")
LONGEST = 900.0
"""Seconds that all scenarios together may take."""


def _names() -> list[str]:
    return [
        f"{path.stem}::{node.name}"
        for path in sorted(SCENARIOS.glob("test_*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What became of each chosen scenario: nothing, or the text of its failure."""
    chosen = [
        item.callspec.params["scenario"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == Path(__file__) and hasattr(item, "callspec")
    ]
    report = tmp_path_factory.mktemp("lab") / "report.xml"
    ids = [f"{SCENARIOS / name.replace('::', '.py::')}" for name in chosen]
    command = [LAB, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *ids]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
    if not report.exists():
        pytest.fail(f"The lab did not run: {done.stdout}{done.stderr}", pytrace=False)
    failed: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        module = case.get("classname", "").rpartition(".")[2]
        name = f"{module}::{case.get('name', '').partition('[')[0]}"
        text = "\n".join(
            part.text or part.get("message", "") for part in case if part.tag in {"failure", "error", "skipped"}
        )
        failed[name] = failed.get(name, "") + text
    return failed


@pytest.mark.parametrize("scenario", _names())
def test_scenario(scenario: str, outcomes: Mapping[str, str]) -> None:
    if scenario not in outcomes:
        pytest.fail("The lab did not report this scenario.", pytrace=False)
    if outcomes[scenario]:
        pytest.fail(outcomes[scenario], pytrace=False)
