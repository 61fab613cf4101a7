"""Packages of npm that tests need: `python -m tests.support.npm FOLDER TARGET` installs those of a folder's lock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from assets import build_page

_FILES = ("package.json", "package-lock.json", ".npmrc")


def install(source: Path, target: Path) -> None:
    """Install the packages that the lock in one folder names into another one."""
    found = build_page.find_node(npm=True)
    target.mkdir(exist_ok=True)
    for name in _FILES:
        shutil.copy(source / name, target)
    command = [str(found.program), str(found.npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    path = os.pathsep.join([str(found.program.parent), os.environ.get("PATH", os.defpath)])
    subprocess.run(command, cwd=target, env=os.environ | {"PATH": path}, check=True)


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]))
