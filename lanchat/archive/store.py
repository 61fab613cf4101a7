"""Files for the person whose machine it is: under a name that says what they are, whole or not at all."""

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST = 120


class Downloads:
    """A folder for finished files.

    Args:
        wanted: where they belong, if it is there and can be written to.
        instead: where they go otherwise; made when it is needed.
    """

    def __init__(self, wanted: Path, instead: Path) -> None:
        self._wanted = wanted
        self._instead = instead

    @property
    def folder(self) -> Path:
        """Where files go now."""
        usable = self._wanted.is_dir() and os.access(self._wanted, os.W_OK | os.X_OK)
        return self._wanted if usable else self._instead

    @contextmanager
    def draft(self, key: str) -> Iterator[Path]:
        """Return the path of a file to write, hidden, which is gone at the end unless `publish` was called.

        Args:
            key: what no other draft is called.

        Raises:
            OSError: there is no folder, and none can be made.
        """
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f".lanchat-{key}.part"
        try:
            yield path
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    @staticmethod
    def publish(draft: Path, title: str, suffix: str) -> Path:
        """Return a finished draft its name, and a number behind it when that is taken: no file is ever overwritten.

        Args:
            draft: from `draft`.
            title: what it is called; what no file system takes becomes `_`.
            suffix: with its dot.

        Raises:
            OSError: the folder cannot be written to any more.
        """
        stem = _UNSAFE.sub("_", title).strip(". ").encode()[:_LONGEST].decode(errors="ignore") or "_"
        number = 1
        while True:
            path = draft.with_name(f"{stem} ({number}){suffix}" if number > 1 else stem + suffix)
            try:
                path.touch(exist_ok=False)  # takes the name before anything is put under it
            except FileExistsError:
                number += 1
                continue
            try:
                return draft.replace(path)
            except OSError:
                path.unlink(missing_ok=True)
                raise
