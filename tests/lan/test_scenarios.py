"""Runs the scenarios of several hosts in `tests/lan/lab` and reports each as a test of its own.

Nothing is skipped: where namespaces cannot be made the tests fail and say so. To work on one scenario, run it directly:
`tests/lan/lab python -m pytest tests/lan/scenarios -k NAME`.
"""

import ast
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

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
    chosen: list[str] = [
        str(item.callspec.params["scenario"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == Path(__file__) and hasattr(item, "callspec")
    ]
    reports = tmp_path_factory.mktemp("lab")
    modules = sorted({name.partition("::")[0] for name in chosen})

    def run(module: str) -> dict[str, str]:
        return _run([name for name in chosen if name.startswith(f"{module}::")], reports / f"{module}.xml")

    # Each in a lab of its own. They mostly wait, and a second core helps; more would only compete.
    with ThreadPoolExecutor(2) as labs:
        return {name: text for done in labs.map(run, modules) for name, text in done.items()}


@pytest.mark.parametrize("scenario", _names())
def test_scenario(scenario: str, outcomes: Mapping[str, str]) -> None:
    if scenario not in outcomes:
        pytest.fail("The lab did not report this scenario.", pytrace=False)
    if outcomes[scenario]:
        pytest.fail(outcomes[scenario], pytrace=False)


def _run(chosen: list[str], report: Path) -> dict[str, str]:
    ids = [f"{SCENARIOS / name.replace('::', '.py::')}" for name in chosen]
    command = [str(LAB), sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *ids]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
    if not report.exists():
        return dict.fromkeys(chosen, f"The lab did not run: {done.stdout}{done.stderr}")
    texts: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        module = case.get("classname", "").rpartition(".")[2]
        name = f"{module}::{case.get('name', '').partition('[')[0]}"
        faults = [part for part in case if part.tag in {"failure", "error", "skipped"}]
        texts[name] = texts.get(name, "") + "\n".join(part.text or part.get("message") or part.tag for part in faults)
    return texts
