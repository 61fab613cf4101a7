"""The program file that runs here, where it is one file: others of the same system can have it from us."""

import asyncio
import contextlib
import hashlib
import os
import platform
import sys
from io import BufferedReader
from pathlib import Path
from typing import Self

from lanchat.protocol import Program


class ProgramFile:
    """One file with all of Lanchat in it.

    Args:
        path: the file; None where Lanchat runs from its source, or from a folder of files.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: tuple[tuple[int, int, int], str] | None = None
        self._hashing = asyncio.Lock()

    @classmethod
    def running(cls) -> Self:
        """Return the one that runs now.

        PyInstaller unpacks a program of one file into a folder `_MEI…`; one of many files lies where it was put.
        """
        unpacked = Path(getattr(sys, "_MEIPASS", ""))
        return cls(Path(sys.executable) if unpacked.name.startswith("_MEI") else None)

    async def describe(self) -> Program | None:
        """Return what it is, with its SHA-256; None where there is none. The first time it is read for that."""
        opened = await self.open()
        if opened is None:
            return None
        file, program = opened
        file.close()
        return program

    async def open(self) -> tuple[BufferedReader, Program] | None:
        """Open it, and say what is in it, also when a newer one took its place. None where there is none."""
        if self._path is None:
            return None
        try:
            file = await asyncio.to_thread(self._path.open, "rb")
        except OSError:  # it was removed while it runs
            return None
        with contextlib.ExitStack() as stack:
            stack.callback(file.close)
            digest = await self._digest(file)
            size = os.fstat(file.fileno()).st_size
            program = Program(
                system=sys.platform, machine=platform.machine(), name=self._path.name, size=size, sha256=digest
            )
            stack.pop_all()
        return file, program

    async def _digest(self, file: BufferedReader) -> str:
        status = os.fstat(file.fileno())
        mark = (status.st_ino, status.st_size, status.st_mtime_ns)
        async with self._hashing:
            if self._known is None or self._known[0] != mark:
                digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
                self._known = mark, digest.hexdigest()
                file.seek(0)
            return self._known[1]
