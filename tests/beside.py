"""Runs tests that mostly wait for other programs in a process of their own, beside all other tests.

The process begins when the session has its tests. The session takes what it reports as if it had run these tests
itself, after all others. Where there is nothing else to do meanwhile, there is no such process.
"""

import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.conditions import wait_until

ROOT = Path(__file__).parents[1]
REPORTS = "BESIDE"
"""Names, in the environment of the process beside, the file for its reports."""
LONGEST = 3_600.0
"""Seconds to wait for one test; those before it are done first."""
_WAIT_MUCH = ("tests/page/", "tests/recovery/")
_PATIENCE = 20.0
_LAST_WORDS = 3_000


class Beside:
    """The tests of one session that run beside the others.

    Args:
        config: of the session.
        folder: an empty one.
    """

    def __init__(self, config: pytest.Config, folder: Path) -> None:
        self._config = config
        self._folder = folder
        self._reports = folder / "reports"
        self._reports.touch()
        self._place = 0
        self._known: dict[str, list[pytest.TestReport]] = defaultdict(list)
        self._finished: set[str] = set()
        self._program: subprocess.Popen[bytes] | None = None

    def begin(self, tests: Sequence[str]) -> None:
        """Run these tests, given by their ids, in the background."""
        chosen = self._folder / "tests"
        chosen.write_text("\n".join(tests), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"@{chosen}"]
        with self._log.open("wb") as log:
            self._program = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {REPORTS: str(self._reports)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def reports(self, item: pytest.Item) -> list[pytest.TestReport]:
        """Wait for a test and give its reports; a failure when the process has ended without it."""
        wait_until(lambda: self._has(item.nodeid), LONGEST, f"{item.nodeid} is done")
        if item.nodeid in self._finished:
            return self._known[item.nodeid]
        text = f"The process beside has ended without this test: {self._log.read_text('utf-8')[-_LAST_WORDS:]}"
        return [pytest.TestReport(item.nodeid, item.location, {item.name: 1}, "failed", text, "call")]

    def end(self) -> None:
        """Stop what still runs, as Ctrl-C does, so that it tidies up."""
        if self._program is None or self._program.poll() is not None:
            return
        self._program.send_signal(signal.SIGINT)
        try:
            self._program.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _has(self, test: str) -> bool:
        ended = self._program is None or self._program.poll() is not None
        self._read()
        return ended or test in self._finished

    def _read(self) -> None:
        with self._reports.open("rb") as file:
            file.seek(self._place)
            for line in file:
                if not line.endswith(b"\n"):  # still being written
                    return
                self._place += len(line)
                self._take(json.loads(line))

    def _take(self, said: dict[str, object]) -> None:
        if "finished" in said:
            self._finished.add(str(said["finished"]))
            return
        report = self._config.hook.pytest_report_from_serializable(config=self._config, data=said)
        if isinstance(report.longrepr, list):  # where and why a test was skipped: JSON has no tuples
            report.longrepr = tuple(report.longrepr)
        self._known[report.nodeid].append(report)


class Reporter:
    """Writes what becomes of each test to a file: a plugin of the process beside.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._config: pytest.Config | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Know the session, and end on Ctrl-C even where a shell has the process ignore it."""
        self._config = config
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of one phase of a test."""
        assert self._config is not None
        self._write(self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tell that a test is over."""
        self._write({"finished": nodeid})

    def _write(self, said: dict[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")


def waits_much(item: pytest.Item) -> bool:
    """Whether a test belongs beside the others. What runs in a lab has a process already."""
    return item.nodeid.startswith(_WAIT_MUCH) and "labs" not in getattr(item, "fixturenames", ())
