"""Who uses a data directory: the lock of the one that does, and the file by which programs find the node."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lanchat.errors import AlreadyRunning, DataDirUnusable, Unreachable

PRIVATE = (
    "lanchat.db*",
    "lanchat.log*",
    "node.*",
    "windows.*",
    "keys/*",
    "keys/*/*",
    "set-aside/*",
    "exports/*",
    "incoming/*",
)
"""What nobody else on this machine may read: names in the data directory. They are made so; old ones are corrected."""
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


def running(data_dir: Path) -> Running:
    """Read the runtime file, as `read`. Raises Unreachable: no node of this user runs on this machine."""
    node = read(data_dir)
    if node is None:
        raise Unreachable("No Lanchat of yours runs on this machine; start it first.")
    return node


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

    A directory that is there already, and what lies in it, are made so.

    Raises:
        AlreadyRunning: another Lanchat uses it.
        DataDirUnusable: nothing can be written there.
    """
    import filelock  # noqa: PLC0415 - those who only look for the node need none

    lock = filelock.FileLock(data_dir / "node.lock", timeout=0)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
        protect(data_dir)
    except filelock.Timeout:
        raise AlreadyRunning(f"Lanchat already runs on the data directory {data_dir}.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataDirUnusable(f"The data directory {data_dir} cannot be used: {reason}.") from None
    try:
        yield
    finally:
        lock.release()


def protect(data_dir: Path) -> None:
    """Take away from everybody else on this machine the right to read the data directory and our files in it.

    What belongs to somebody else, a link, and a directory that all users share (its sticky bit says so) are let be;
    where a system has no such rights, nothing happens.
    """
    folders = {data_dir, *(data_dir / name.partition("/")[0] for name in PRIVATE if "/" in name)}
    files = {path for name in PRIVATE for path in data_dir.glob(name)}
    for path in (*folders, *files):
        with contextlib.suppress(OSError):
            _keep_private(path, stat.S_IFDIR if path in folders else stat.S_IFREG)


def _keep_private(path: Path, kind: int) -> None:
    found = path.lstat()
    ours = hasattr(os, "geteuid") and found.st_uid == os.geteuid()
    shared = found.st_mode & stat.S_ISVTX
    if ours and not shared and stat.S_IFMT(found.st_mode) == kind and found.st_mode & 0o077:
        path.chmod(0o700 if kind == stat.S_IFDIR else 0o600)
