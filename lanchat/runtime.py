"""Who uses a data directory: the lock of the one that does, and the file by which programs find the node."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lanchat.errors import AlreadyRunning, DataDirUnusable

FILE = "node.json"
"""Its name in the data directory. Mode 0600; it exists while a node runs, and stays behind when one is killed."""


class Running(msgspec.Struct, frozen=True):
    """What programs of the same user need to reach a running node.

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


@contextlib.contextmanager
def occupy(data_dir: Path) -> Iterator[None]:
    """Make the data directory, readable by its owner only, and use it alone until the end of the block.

    Raises:
        AlreadyRunning: another Lanchat uses it.
        DataDirUnusable: nothing can be written there.
    """
    import filelock  # noqa: PLC0415 - those who only look for the node need none

    lock = filelock.FileLock(data_dir / "node.lock", timeout=0)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise AlreadyRunning(f"Lanchat already runs on the data directory {data_dir}.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataDirUnusable(f"The data directory {data_dir} cannot be used: {reason}.") from None
    try:
        yield
    finally:
        lock.release()
