"""`.ci/packages`: root gets what is missing, anybody else is told, and only what is needed fails."""

import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / ".ci" / "packages"

DPKG = """for name in "$@"; do
    case "$name" in libuv1 | libasound2t64 | lib*-*) printf '%s:installed:' "$name" ;; esac
done
exit 1
"""


class Machine:
    """A Debian whose programs only note what they were told. It has libuv1, and libasound2 by its newer name.

    Args:
        folder: for these programs.
        user: 0 is root.
    """

    def __init__(self, folder: Path, user: int = 0) -> None:
        self._folder = folder
        self._folder.mkdir()
        self.calls = folder / "calls"
        self.calls.touch()
        self.has("id", f"echo {user}")
        self.has("dpkg-query", DPKG)
        self.has("apt-get", f'echo "$@" >>{self.calls}')
        self.has("apt-cache", '[ "$2" = libgl1t64 ]')
        self.has("python3", '[ "$1" = -c ] && [ "$2" != \'import ensurepip, venv\' ]')

    def has(self, program: str, script: str) -> None:
        path = self._folder / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def asked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self._folder}:/usr/bin:/bin"}
        return subprocess.run(
            [PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=30, check=False
        )


@pytest.fixture
def root(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "bin")


@pytest.fixture
def person(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "bin", user=1000)


def test_root_gets_what_is_missing_by_the_name_that_this_debian_has(root: Machine) -> None:
    done = root.asked("run")
    assert done.returncode == 0, done.stderr
    update, install = root.calls.read_text().splitlines()
    assert "update" in update
    assert {"libgl1t64", "libnss3"} <= set(install.split())
    assert not {"libgl1", "libasound2", "libasound2t64", "libdbus-1-3"} & set(install.split())


def test_what_is_there_is_not_installed(root: Machine) -> None:
    assert root.asked("bench").returncode == 0
    assert root.calls.read_text() == ""


@pytest.mark.parametrize(("purpose", "code"), [("run", 0), ("test", 1), ("binary", 1), ("venv", 1)])
def test_a_person_is_told(person: Machine, purpose: str, code: int) -> None:
    done = person.asked(purpose)
    assert done.returncode == code
    assert "run: sudo apt-get install " in done.stderr
    assert person.calls.read_text() == ""


@pytest.mark.parametrize(("purpose", "code"), [("run", 0), ("test", 1), ("venv", 1)])
def test_when_apt_fails_only_what_is_needed_fails(root: Machine, purpose: str, code: int) -> None:
    root.has("apt-get", "exit 100")
    done = root.asked(purpose)
    assert done.returncode == code
    assert "apt failed" in done.stderr


def test_without_dpkg_nothing_is_known(tmp_path: Path) -> None:
    command, environment = ["/bin/bash", str(PROGRAM), "test"], {"PATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_purpose_says_what_there_is(root: Machine) -> None:
    done = root.asked("everything")
    assert done.returncode == 2
    assert "PURPOSE: venv, run, test, bench or binary" in done.stderr
