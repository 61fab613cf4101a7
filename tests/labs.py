"""Runs the tests that need networks or disks of their own in `tests/support/lan/lab`, beside all other tests.

They mostly wait, so they begin when the others do, in a process of their own; a test of the same name in the session
then only looks what became of it. Nothing is skipped: where namespaces cannot be made they fail and say so.
"""

import ast
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.places import LAB

ROOT = Path(__file__).parents[1]
AT_ONCE = 2
LONGEST = 3_600.0
"""Seconds that one module may take; those of `make soak` are long."""


class Labs:
    """The tests of one session that run in labs.

    Args:
        reports: an empty folder.
    """

    def __init__(self, reports: Path) -> None:
        self._reports = reports
        self._program: subprocess.Popen[bytes] | None = None

    def begin(self, tests: Sequence[str]) -> None:
        """Run these tests, given as `path::name`, in the background."""
        command = [sys.executable, "-m", "tests.labs", str(self._reports), *tests]
        self._program = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)

    def outcome(self, test: str) -> str:
        """Wait for a test and give the text of its failure; empty when it went well."""
        report = _report(self._reports, test.partition("::")[0])
        while not report.exists():
            if self._program is None or self._program.poll() is not None:
                return "The labs have ended without this test."
            time.sleep(0.1)
        name = test.partition("::")[2]
        cases = [case for case in ET.parse(report).iter("testcase") if _name(case) == name]  # noqa: S314 - ours
        if not cases:
            return f"The lab did not report this test: {report.with_suffix('.log').read_text('utf-8')}"
        faults = [part for case in cases for part in case if part.tag in {"failure", "error", "skipped"}]
        return "\n".join(part.text or part.get("message") or part.tag for part in faults)

    def end(self) -> None:
        """Stop what still runs."""
        if self._program is not None:
            self._program.terminate()
            self._program.wait()


def found_in(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Return the tests of a folder as `path::name`, each with the names of its marks."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                marks = [ast.unparse(mark).removeprefix("pytest.mark.") for mark in node.decorator_list]
                yield f"{path.relative_to(ROOT)}::{node.name}", marks


def main(reports: Path, tests: Sequence[str]) -> None:
    """Run the tests, module by module, and leave a report of each."""
    modules = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    chosen = [[test for test in tests if test.startswith(f"{module}::")] for module in modules]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(_run, [_report(reports, module) for module in modules], chosen))


def _run(report: Path, tests: list[str]) -> None:
    draft = report.with_suffix(".part")
    options = ["-qs", "-p", "no:cacheprovider", f"--junitxml={draft}"]
    command = [str(LAB), sys.executable, "-m", "pytest", *options, *tests]
    with report.with_suffix(".log").open("wb") as log:
        subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, timeout=LONGEST, check=False)
    if not draft.exists():
        draft.write_text("<testsuites/>")
    draft.rename(report)


def _report(reports: Path, module: str) -> Path:
    return reports / f"{module.replace('/', '.')}.xml"


def _name(case: ET.Element) -> str:
    return case.get("name", "").partition("[")[0]


def look(test: str, labs: Labs) -> None:
    """Fail as the test in the lab did."""
    if text := labs.outcome(test):
        pytest.fail(text, pytrace=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
