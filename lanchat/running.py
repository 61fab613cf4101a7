"""The runtime file: how programs of the same user find the node that runs on a data directory."""

import os
from pathlib import Path

import msgspec

FILE = "node.json"
"""Its name in the data directory. Mode 0600; it exists while a node runs, and stays behind when one is killed."""


class Running(msgspec.Struct, frozen=True):
    """What a running node tells programs of the same user.

    Attributes:
        pid: its process.
        window: URL of the window's app.
        lan: URL of the room app.
        key: bearer for the window's app. Never to be shown or logged.
    """

    pid: int
    window: str
    lan: str
    key: str


def read(data_dir: Path) -> Running | None:
    """Read the runtime file; None when there is none. A killed node leaves it behind, so it proves nothing alone."""
    try:
        return msgspec.json.decode((data_dir / FILE).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write(data_dir: Path, running: Running) -> None:
    """Write the runtime file, readable by its owner only. Raises OSError."""
    remove(data_dir)
    descriptor = os.open(data_dir / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(running))


def remove(data_dir: Path) -> None:
    """Remove the runtime file, if there is one."""
    (data_dir / FILE).unlink(missing_ok=True)
