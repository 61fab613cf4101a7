"""A file manager that only notes what it is asked to show."""

from pathlib import Path

import pytest

from tests.support.conditions import eventually


class FileManager:
    """A program of the name that desktops have for it, in front of all others.

    Args:
        folder: is made for the program.
        monkeypatch: puts it there.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self._program = folder / "xdg-open"
        self._shown = folder / "shown"
        self._program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >>"{self._shown}"\n', "utf-8")
        self._program.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=":")
        monkeypatch.setenv("DISPLAY", ":99")

    async def shows(self, folder: Path) -> None:
        """Wait until it was asked to show exactly this folder."""
        await eventually(lambda: self._shown.exists() and self._shown.read_text("utf-8") == f"{folder}\n")

    def leave(self) -> None:
        """Fail from now on."""
        self._program.write_text("#!/bin/sh\nexit 3\n", "utf-8")
