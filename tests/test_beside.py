"""The tests that another process runs are reported as if the session had run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

CONFTEST = """
from pathlib import Path
from tests import beside

beside.ROOT = Path(__file__).parent
from tests.conftest import *
"""

HERE = """
import os

def test_one(): pass
def test_two(): pass
def test_three(): pass
def test_four(): pass
def test_five(): assert "BESIDE" not in os.environ
"""

THERE = """
import os, pytest

@pytest.fixture
def broken(): raise OSError("no such thing")

def test_passes(): assert "BESIDE" in os.environ
def test_fails(): print("last words"); assert 1 == 2
def test_has_no_setup(broken): pass
def test_is_skipped(): pytest.skip("not today")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_here.py").write_text(HERE)
    page = tmp_path / "tests" / "page"
    page.mkdir(parents=True)
    (page / "test_there.py").write_text(THERE)
    return tmp_path


def run(project: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", *options],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": f"--rootdir {project}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_what_runs_beside_is_reported_here(project: Path) -> None:
    told = run(project)
    assert "6 passed, 1 skipped" in told, told
    assert "1 failed" in told
    assert "1 error" in told
    assert "last words" in told
    assert "no such thing" in told
    assert told.index("test_five") < told.index("test_passes")


def test_the_first_failure_ends_the_session(project: Path) -> None:
    told = run(project, "-x")
    assert "1 failed, 6 passed" in told, told
    assert "test_is_skipped" not in told


def test_a_test_that_is_named_runs_in_the_session(project: Path) -> None:
    assert "KeyError: 'BESIDE'" not in run(project, "tests/page/test_there.py::test_is_skipped")
    assert "assert 'BESIDE' in" in run(project, "tests/page/test_there.py::test_passes")


def test_a_process_that_dies_fails_the_tests_that_it_had_left(project: Path) -> None:
    (project / "tests" / "page" / "test_there.py").write_text("import os\ndef test_dies(): os._exit(3)\n")
    told = run(project)
    assert "The process beside has ended without this test" in told, told
    assert "5 passed" in told
