"""Runs the tests that need networks or disks of their own inside `tests/support/lan/lab`, a module at a time.

The first test of a module that is due starts all of them, in a process of their own; what it reports is taken as if
the tests had run here. Nothing is skipped: where namespaces cannot be made, they fail and say so.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.places import LAB, ROOT

FOLDERS = ("tests/lab/", "tests/recovery/lab/")
REPORTS = "LAB_REPORTS"
"""Names, in the environment of the process in the lab, the file for its reports."""
LONGEST = 3_600.0
"""Seconds that one module may take; those of `make soak` are long."""
_LAST_WORDS = 3_000


def belongs_in_lab(item: pytest.Item) -> bool:
    """Return whether a test runs in a lab, and this is none."""
    return item.nodeid.startswith(FOLDERS) and "LAN_LAB" not in os.environ


class Labs:
    """What the tests in labs reported, in one session.

    Args:
        config: of the session.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._modules: dict[Path, dict[str, list[pytest.TestReport]]] = {}

    def reports(self, item: pytest.Item) -> Sequence[pytest.TestReport]:
        """Return the reports of a test; a failure when the lab ended without it."""
        if item.path not in self._modules:
            tests = [other.nodeid for other in item.session.items if other.path == item.path]
            self._modules[item.path] = self._run(tests)
        return self._modules[item.path][item.nodeid]

    def _run(self, tests: Sequence[str]) -> dict[str, list[pytest.TestReport]]:
        command = [str(LAB), sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
        with tempfile.TemporaryDirectory(prefix="lanchat-lab-") as folder:
            written, log = Path(folder, "reports"), Path(folder, "log")
            written.touch()
            with log.open("wb") as output:
                subprocess.run(
                    command,
                    cwd=ROOT,
                    env=os.environ | {REPORTS: str(written)},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=LONGEST,
                    check=False,
                )
            known = self._read(written)
            for test in tests:
                if test not in known or known[test][-1].when != "teardown":
                    known[test].append(_missing(test, log.read_text("utf-8", "replace")))
        return known

    def _read(self, written: Path) -> dict[str, list[pytest.TestReport]]:
        known: dict[str, list[pytest.TestReport]] = defaultdict(list)
        for line in written.read_text("utf-8").splitlines():
            data = json.loads(line)
            report = self._config.hook.pytest_report_from_serializable(config=self._config, data=data)
            if isinstance(report.longrepr, list):  # where and why a test was skipped: JSON has no tuples
                report.longrepr = tuple(report.longrepr)
            known[report.nodeid].append(report)
        return known


def _missing(test: str, log: str) -> pytest.TestReport:
    module, _, name = test.partition("::")
    text = f"The lab has ended without this test: {log[-_LAST_WORDS:]}"
    return pytest.TestReport(test, (module, None, name), {name: 1}, "failed", text, "call")


class Reporter:
    """Writes what becomes of each test to a file: a plugin of the process in the lab.

    Args:
        path: the file.
        config: of the session.
    """

    def __init__(self, path: Path, config: pytest.Config) -> None:
        self._path = path
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of one phase of a test."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(data) + "\n")
