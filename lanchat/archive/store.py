"""Files for the person whose machine it is: under a name that says what they are, whole or not at all."""

import os
import re
import secrets
from pathlib import Path
from typing import Protocol

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever stands behind the first dot."""


def make_private(path: Path) -> Path:
    """Make an empty file that nobody else on this machine can read, and return its path. Raises OSError."""
    path.touch(0o600)
    path.chmod(0o600)  # one that was left behind there
    return path


class ExportTarget(Protocol):
    """Where a file goes. As a string it is what an error names."""

    def draft(self) -> Path:
        """Return the path under which to write the file. Raises OSError when nothing can be written there."""

    def publish(self, draft: Path, title: str, suffix: str) -> Path:
        """Return the path of the finished draft under its own name.

        Args:
            draft: from `draft`.
            title: what it is called where no name was chosen; what no file system takes becomes `_`.
            suffix: with its dot.

        Raises:
            OSError: it cannot have that name.
        """


class NamedFile:
    """The file that somebody named; one of that name is replaced.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def draft(self) -> Path:
        """Return a path beside the file."""
        return self._path.with_name(self._path.name + ".part")

    def publish(self, draft: Path, title: str, suffix: str) -> Path:  # noqa: ARG002 - it has its name
        """Return the path of the file, after the draft has taken its place."""
        return draft.replace(self._path)


class DownloadFolder:
    """A folder for finished files, none of which is ever overwritten.

    Args:
        wanted: where they belong, if it is there and can be written to.
        instead: where they go otherwise; made when it is needed.
    """

    def __init__(self, wanted: Path, instead: Path) -> None:
        self._wanted = wanted
        self._instead = instead

    def __str__(self) -> str:
        return f"a file in {self.folder}"

    @property
    def folder(self) -> Path:
        """Where files go now."""
        usable = self._wanted.is_dir() and os.access(self._wanted, os.W_OK | os.X_OK)
        return self._wanted if usable else self._instead

    def draft(self) -> Path:
        """Return the path of a hidden file in the folder, which is made when it is missing."""
        folder = self.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f".lanchat-{secrets.token_hex(16)}.part"

    def publish(self, draft: Path, title: str, suffix: str) -> Path:
        """Return the path of the finished draft: named by its title, with a number behind it when that is taken."""
        stem = _stem(title)
        number = 1
        while True:
            path = draft.with_name(f"{stem} ({number}){suffix}" if number > 1 else stem + suffix)
            try:
                path.touch(0o600, exist_ok=False)  # takes the name before anything is put under it
            except FileExistsError:
                number += 1
                continue
            try:
                return draft.replace(path)
            except OSError:
                path.unlink(missing_ok=True)
                raise


def _stem(title: str) -> str:
    """Return a title as every file system takes it as the name of a file."""
    stem = _UNSAFE.sub("_", title).strip(". ").encode(errors="replace")[:_LONGEST].decode(errors="ignore").rstrip(". ")
    return f"_{stem}" if _RESERVED.match(stem) else stem or "_"
