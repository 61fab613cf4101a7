"""What the audit reads of its tools' answers, and what it says when they cannot ask."""

import json
from pathlib import Path

import pytest

from assets.build_page import PageError
from release import audit
from release.audit import Fault, Report

PYTHON = {
    "dependencies": [
        {"name": "fine", "version": "1", "vulns": []},
        {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2"], "fix_versions": ["3"]}]},
        {"name": "unknown", "skip_reason": "Dependency not found"},
    ],
    "fixes": [],
}
PAGE = {
    "vulnerabilities": {
        "bad": {"name": "bad", "range": "<2", "via": [{"source": 7, "url": "https://advisories.example/7"}]},
        "user-of-bad": {"name": "user-of-bad", "range": "*", "via": ["bad"]},
    }
}


def test_faults_of_python_packages_are_read() -> None:
    report = audit.python_report("run.txt", json.dumps(PYTHON))
    assert report.faults == [Fault("bad", "2", ("CVE-2", "PYSEC-1"))]
    assert report.missing == ["unknown: Dependency not found"]


def test_faults_of_the_page_are_read_once() -> None:
    report = audit.page_report("package-lock.json", json.dumps(PAGE))
    assert report.faults == [Fault("bad", "<2", ("https://advisories.example/7",))]


@pytest.mark.parametrize("said", ["", "Traceback", "[]", "{}", "null"])
def test_what_says_nothing_was_not_looked_up(said: str) -> None:
    error = "Traceback\nConnectionError: no network\n"
    report = audit.python_report("run.txt", said, error)
    assert report.missing == ["ConnectionError: no network"]
    assert audit.code_of([report]) == audit.NOT_LOOKED_UP
    (line,) = audit.told(report)
    assert line == "run.txt: NOT looked up: ConnectionError: no network"


@pytest.mark.parametrize("said", ["", "{}", '{"message": "404 Not Found"}', '{"error": {"summary": "offline"}}'])
def test_an_npm_that_cannot_ask_says_why(said: str) -> None:
    report = audit.page_report("package-lock.json", said, "npm error: offline")
    assert report.faults == []
    assert len(report.missing) == 1


def test_the_exit_code_tells_the_worst() -> None:
    clean, missing = Report("a", [], []), Report("b", [], ["x"])
    bad = Report("c", [Fault("x", "1", ("CVE-1",))], [])
    assert audit.code_of([clean]) == 0
    assert audit.code_of([clean, missing]) == audit.NOT_LOOKED_UP
    assert audit.code_of([bad, missing]) == audit.KNOWN
    assert list(audit.told(clean)) == ["a: nothing is known"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"name": "jinja2", "skip_reason": "Dependency not found on PyPI"}, "Dependency not found on PyPI"),
        ({"name": "jinja2", "version": "2.10", "vulns": []}, "known for years"),
        ({"name": "jinja2", "version": "2.10", "vulns": [{"id": "PYSEC-2019-217"}]}, ""),
    ],
)
def test_a_source_that_does_not_know_an_old_fault_is_not_believed(said: dict[str, object], reason: str) -> None:
    why = audit.blind(audit.PYPI, audit.python_report("old.txt", json.dumps({"dependencies": [said]})))
    assert (reason in why) if reason else why == ""
    assert not why or why.startswith("The JSON API of PyPI")


@pytest.mark.parametrize("knows", [True, False])
def test_every_file_is_looked_up_where_the_source_can_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    """A pip-audit that knows one old fault, or none, as behind a mirror of files."""
    program = tmp_path / "pip-audit"
    vulns = [{"id": "CVE-2019-10906"}] if knows else []
    old = json.dumps({"dependencies": [{"name": "jinja2", "version": "2.10", "vulns": vulns}]})
    fine = json.dumps({"dependencies": [{"name": "x", "version": "1", "vulns": []}]})
    program.write_text(f"#!/bin/sh\ncase \"$*\" in *old.txt) echo '{old}';; *) echo '{fine}';; esac\n")
    program.chmod(0o700)
    monkeypatch.setattr(audit, "find_node", _no_node)
    *python, _page = audit.reports(tmp_path)
    assert len(python) >= 8
    assert {bool(report.missing) for report in python} == {not knows}


def test_the_exit_codes_are_those_of_nothing_else() -> None:
    assert {audit.KNOWN, audit.NOT_LOOKED_UP}.isdisjoint({0, 1, 2, 126, 127})


def test_without_the_programs_every_file_is_reported_as_not_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "find_node", _no_node)
    found = list(audit.reports(tmp_path))
    assert {report.file for report in found} >= {"run.txt", "binary.txt", "package-lock.json"}
    assert audit.code_of(found) == audit.NOT_LOOKED_UP


def _no_node(*, npm: bool) -> None:
    raise PageError("There is no Node.")
