"""Try a toolkit in a child process, because Qt and GTK end the whole process when they cannot reach a display."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from lanchat.desktop.choice import Kind

FLAG = "--probe-window"
"""First argument with which a frozen Lanchat starts itself as a probe."""
_PATIENCE = 10.0


class ToolkitProbe:
    """A running trial of one kind of window. It starts at once and beside whatever else is going on.

    Args:
        kind: what to try. Kinds that need no trial pass without one.
        extra: variables to add to the child's environment.
    """

    def __init__(self, kind: Kind, extra: dict[str, str]) -> None:
        self.kind = kind
        self._process: subprocess.Popen[bytes] | None = None
        if kind not in {Kind.QT, Kind.GTK}:
            return
        package = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")]))
        # -P: the folder that the user happens to be in must not be a source of modules.
        python = [sys.executable, "-P", "-m", "lanchat.desktop.probe", kind]
        frozen = [sys.executable, FLAG, kind]
        self._process = subprocess.Popen(
            frozen if getattr(sys, "frozen", False) else python,
            env=os.environ | extra | {"PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def passed(self) -> bool:
        """Wait for the trial's end, at most ten seconds, and return whether the toolkit can be used."""
        if self._process is None:
            return True
        try:
            return self._process.wait(_PATIENCE) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.close()

    def close(self) -> None:
        """End the child if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)


def main(kind: str) -> None:
    """Be the child: load the toolkit and connect to the display; aborts, exits or raises when that is impossible."""
    if kind == Kind.QT:
        from PySide6 import QtWebEngineWidgets  # noqa: F401
        from PySide6.QtWidgets import QApplication

        QApplication(["lanchat"])
    elif kind == Kind.GTK:
        from lanchat.desktop import gtk

        gtk.connect()


if __name__ == "__main__":
    main(sys.argv[1])
