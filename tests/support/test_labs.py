"""The tests that a lab runs are reported as if the session had run them."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.labs import FOLDERS

ROOT = Path(__file__).parents[2]

CONFTEST = """
from pathlib import Path
from tests.support import labs

labs.ROOT = Path(__file__).parent
from tests.conftest import *
"""

INSIDE = """
import os, pytest

@pytest.fixture
def broken(): raise OSError("no such thing")

def test_passes(): assert "LAN_LAB" in os.environ
def test_fails(): print("last words"); assert 1 == 2
def test_has_no_setup(broken): pass
def test_is_skipped(): pytest.skip("not today")
"""
MODULE = f"{FOLDERS[1]}test_inside.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_here.py").write_text("import os\ndef test_here(): assert 'LAN_LAB' not in os.environ\n")
    (tmp_path / MODULE).parent.mkdir(parents=True)
    (tmp_path / MODULE).write_text(INSIDE)
    return tmp_path


def run(project: Path, *options: str) -> str:
    settings = ["-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "-o", "markers=slow", "--rootdir", str(project)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *options],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": shlex.join(settings)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_runs_in_a_lab_is_reported_here(project: Path, workers: str) -> None:
    told = run(project, "-n", workers, "--dist", "loadfile")
    assert "1 failed, 2 passed, 1 skipped, 1 error" in told, told
    assert "last words" in told
    assert "no such thing" in told


def test_only_what_is_chosen_runs(project: Path) -> None:
    told = run(project, MODULE, "-k", "passes")
    assert "1 passed, 3 deselected" in told, told


def test_a_lab_that_dies_fails_the_tests_that_it_had_left(project: Path) -> None:
    (project / MODULE).write_text("import os\ndef test_is_done(): pass\ndef test_dies(): print('x'); os._exit(3)\n")
    told = run(project)
    assert "The lab has ended without this test" in told, told
    assert "1 failed, 2 passed" in told
