"""Looks for known faults in everything that is pinned: `python -m release.audit PROGRAMS`, which `make audit` calls.

PROGRAMS is the folder that has pip-audit. Needs the network. The exit code is 0 when nothing is known, 1 when something
is, and 2 when something could not be looked up: nothing is known of that either way.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from assets.build_page import PageError, find_node

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 300.0
"""Seconds for one file."""
KNOWN, NOT_LOOKED_UP = 1, 2


class Fault(NamedTuple):
    """A known fault of something that is pinned."""

    package: str
    version: str
    ids: tuple[str, ...]


class Report(NamedTuple):
    """What came of one file.

    Attributes:
        file: its name.
        faults: what is known.
        missing: sentences about what could not be looked up.
    """

    file: str
    faults: list[Fault]
    missing: list[str]


def python_report(file: str, said: str, error: str = "") -> Report:
    """Read what pip-audit says as JSON about a file of requirements, or its last words when it says nothing."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Report(file, [], [_last_words(error) or "pip-audit said nothing."])
    faults = [
        Fault(package["name"], package["version"], tuple(sorted({fault["id"], *fault.get("aliases", ())})))
        for package in packages
        for fault in package.get("vulns", ())
    ]
    missing = [f"{package['name']}: {package['skip_reason']}" for package in packages if "skip_reason" in package]
    return Report(file, faults, missing)


def page_report(file: str, said: str, error: str = "") -> Report:
    """Read what `npm audit` says as JSON, or its last words."""
    try:
        answer = json.loads(said)
    except ValueError:
        answer = {}
    if "vulnerabilities" not in answer:
        reason = answer.get("message") or answer.get("error", {}).get("summary") or _last_words(error)
        return Report(file, [], [str(reason or "npm said nothing.")])
    faults = []
    for name, fault in answer["vulnerabilities"].items():
        ids = {str(via.get("url") or via.get("source")) for via in fault["via"] if isinstance(via, dict)}
        if ids:  # others have it from one of these
            faults.append(Fault(name, str(fault.get("range", "")), tuple(sorted(ids))))
    return Report(file, faults, [])


def told(report: Report) -> Iterator[str]:
    """Return a report as lines for a person."""
    if not report.faults and not report.missing:
        yield f"{report.file}: nothing is known"
    for fault in report.faults:
        yield f"{report.file}: {fault.package} {fault.version} has {', '.join(fault.ids)}"
    if report.missing:
        count = len(report.missing)
        yield f"{report.file}: not looked up, which needs the network ({count}), for example: {report.missing[0]}"


def code_of(reports: list[Report]) -> int:
    """Return the exit code for what came of all files."""
    if any(report.faults for report in reports):
        return KNOWN
    return NOT_LOOKED_UP if any(report.missing for report in reports) else 0


def reports(programs: Path) -> Iterator[Report]:
    """Look up every file of requirements, and the page's lock."""
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        yield python_report(file.name, *_run([str(programs / "pip-audit"), *options, "-r", str(file)]))
    try:
        node = find_node(npm=True)
    except PageError as error:
        yield Report("package-lock.json", [], [str(error)])
        return
    command = [str(node.program), str(node.npm), "audit", "--json", "--package-lock-only", "--ignore-scripts"]
    yield page_report("package-lock.json", *_run(command, ROOT / "assets"))


def main() -> int:
    """Look up everything, and print what came of it."""
    found = []
    for report in reports(Path(sys.argv[1])):
        found.append(report)
        for line in told(report):
            print(line, flush=True)
    return code_of(found)


def _run(command: list[str], folder: Path = ROOT) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    return done.stdout, done.stderr


def _last_words(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


if __name__ == "__main__":
    sys.exit(main())
