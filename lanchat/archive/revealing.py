"""Shows a folder to whoever sits at this machine, in its file manager."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping
from pathlib import Path

from lanchat.errors import JobError

_PATIENCE = 1.0
"""Seconds in which a program that cannot show anything has said so; one that shows it may stay."""
_PROGRAMS = {"darwin": "open", "win32": "explorer"}


async def reveal(folder: Path) -> None:
    """Show a folder, without waiting until it is closed.

    Raises:
        JobError: the folder is not there, nobody sits at this machine, or it has no file manager.
    """
    if not await asyncio.to_thread(folder.is_dir):
        raise JobError(f"There is no {folder} yet; it is made with the first room that is saved.")
    program = shutil.which(_PROGRAMS.get(sys.platform, "xdg-open"))
    if program is None or not _has_screen(os.environ):
        raise JobError(f"This machine has no file manager that could show it. The folder is {folder}.")
    try:
        shown = await asyncio.create_subprocess_exec(
            *(program, str(folder)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            env=_surroundings(os.environ),
            start_new_session=True,
        )
        async with asyncio.timeout(_PATIENCE):
            code = await shown.wait()
    except TimeoutError:
        return
    except OSError as error:
        raise JobError(f"{program} cannot be started: {error.strerror}. The folder is {folder}.") from None
    # Windows' Explorer says 1 when all is well.
    if code != 0 and sys.platform != "win32":
        raise JobError(f"{program} could not show it. The folder is {folder}.")


def _has_screen(environ: Mapping[str, str]) -> bool:
    return sys.platform in _PROGRAMS or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment as it was before our program file put its libraries in front, as PyInstaller notes it."""
    there = dict(environ)
    before = there.pop("LD_LIBRARY_PATH_ORIG", "")
    if getattr(sys, "frozen", False):
        there.pop("LD_LIBRARY_PATH", None)
    return there | ({"LD_LIBRARY_PATH": before} if before else {})
