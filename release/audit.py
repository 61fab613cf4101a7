"""Looks for known faults in everything that is pinned: `python -m release.audit PROGRAMS`, which `make audit` calls.

PROGRAMS is the folder that has pip-audit. Two sources are asked: the JSON API of PyPI, which has the advisories of
Python packages, and the bulk advisories of npm, for those of the page. Each is first asked for something with a fault
that has been known for years: a registry's mirror that serves files only answers "not found" to everything, and
pip-audit ends well after that.

The exit code is 0 when nothing is known, 3 when something is, and 4 when something could not be looked up: nothing is
known of that either way. `make` shows it as "Error 3" and "Error 4".
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from assets.build_page import PageError, find_node

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 300.0
"""Seconds for one file."""
KNOWN, NOT_LOOKED_UP = 3, 4
"""Exit codes that neither Python nor a missing program gives."""
PYPI = "The JSON API of PyPI, from which pip-audit has its advisories,"
NPM = "The bulk advisories of npm"
_OLD_PYTHON = "jinja2==2.10\n"
"""Has CVE-2019-10906."""
_OLD_PAGE = {
    "package.json": {"name": "x", "version": "1.0.0", "dependencies": {"lodash": "4.17.4"}},
    "package-lock.json": {
        "name": "x",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "x", "version": "1.0.0", "dependencies": {"lodash": "4.17.4"}},
            "node_modules/lodash": {"version": "4.17.4"},
        },
    },
}
"""Has CVE-2018-3721."""


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
        more = f" (and {count - 1} more)" if count > 1 else ""
        yield f"{report.file}: NOT looked up: {report.missing[0]}{more}"


def code_of(reports: list[Report]) -> int:
    """Return the exit code for what came of all files."""
    if any(report.faults for report in reports):
        return KNOWN
    return NOT_LOOKED_UP if any(report.missing for report in reports) else 0


def blind(source: str, old: Report) -> str:
    """Return why a source cannot be relied on, by what it says of something with an old fault; empty when it can."""
    if old.faults:
        return ""
    said = old.missing[0] if old.missing else "it knows nothing of a fault that has been known for years"
    return f"{source} cannot be asked from here: {said}"


def reports(programs: Path) -> Iterator[Report]:
    """Look up every file of requirements, and the page's lock."""
    files = sorted((ROOT / "requirements").glob("*.txt"))
    with tempfile.TemporaryDirectory() as name:
        old = Path(name) / "old.txt"
        old.write_text(_OLD_PYTHON, "utf-8")
        reason = blind(PYPI, python_report("old.txt", *_ask_pypi(programs, old, "--no-deps")))
    for file in files:
        if reason:
            yield Report(file.name, [], [reason])
        else:
            yield python_report(file.name, *_ask_pypi(programs, file, "--require-hashes"))
    yield _page()


def main() -> int:
    """Look up everything, and print what came of it."""
    found = []
    for report in reports(Path(sys.argv[1])):
        found.append(report)
        for line in told(report):
            print(line, flush=True)
    code = code_of(found)
    if code == NOT_LOOKED_UP:
        print("Not everything could be looked up. Run `make audit` again where the sources above can be reached.")
    return code


def _page() -> Report:
    lock = "package-lock.json"
    try:
        node = find_node(npm=True)
    except PageError as error:
        return Report(lock, [], [str(error)])
    command = [str(node.program), str(node.npm), "audit", "--json", "--package-lock-only", "--ignore-scripts"]
    with tempfile.TemporaryDirectory() as name:
        for file, content in _OLD_PAGE.items():
            (Path(name) / file).write_text(json.dumps(content), "utf-8")
        reason = blind(NPM, page_report("old", *_run(command, Path(name))))
    return Report(lock, [], [reason]) if reason else page_report(lock, *_run(command, ROOT / "assets"))


def _ask_pypi(programs: Path, file: Path, how: str) -> tuple[str, str]:
    options = [how, "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    return _run([str(programs / "pip-audit"), *options, "-r", str(file)])


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
