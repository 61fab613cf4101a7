"""What may happen to a disk: a small ext4 of its own, in a file, mounted through a loop device. Wants root.

Used inside `tests/support/lan/lab`, whose mounts end with it even when a test is killed.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.support.conditions import wait_until

_FILL = 1 << 20


class Disk:
    """A disk of its own for one node; a context manager.

    Args:
        folder: where the disk's image and its mount point are.
        megabytes: its size.

    Attributes:
        root: its top folder.
    """

    def __init__(self, folder: Path, megabytes: int = 16) -> None:
        self.root = folder / "disk"
        self.image = folder / "disk.img"
        self._megabytes = megabytes

    def __enter__(self) -> Self:
        with self.image.open("wb") as image:
            image.truncate(self._megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self.root.mkdir()
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        self.unmount()

    def mount(self) -> None:
        """Make its files reachable. The loop device goes with the mount."""
        _run("mount", "-o", "loop", str(self.image), str(self.root))

    def unmount(self) -> None:
        """Write back everything and make its files unreachable; whoever still has one open is waited for."""
        wait_until(lambda: not _failed("umount", str(self.root)), what=f"{self.root} can be unmounted")


@contextmanager
def disk_full(disk: Disk, left: int = 0) -> Iterator[None]:
    """Nothing more goes onto the disk, or only so many bytes. After the block the space is free again."""
    ballast = disk.root / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            step = _FILL
            while step:
                try:
                    file.write(bytes(step))
                except OSError:
                    step //= 2
            file.truncate(file.tell() - left)
        yield
    finally:
        ballast.unlink(missing_ok=True)


@contextmanager
def read_only(disk: Disk) -> Iterator[None]:
    """The kernel has met an error of the disk and lets nobody write any more: ext4's `errors=remount-ro`.

    There is no way back while it is mounted. So nobody may use it when the block ends: then it is mounted afresh.
    """
    _run("mount", "-o", "remount,abort", str(disk.root))
    try:
        yield
    finally:
        disk.unmount()
        disk.mount()


@contextmanager
def power_cut(disk: Disk, folder: Path) -> Iterator[Path]:
    """The power fails just now: gives the disk's root as it is found afterwards.

    What the kernel had not yet written to the disk is not there. A disk that lies about what it wrote is not covered.
    Those who write to the disk are to be `stopped` meanwhile: a copy that takes a while is of no one instant otherwise.

    Args:
        disk: the disk, in the middle of whatever is done on it; it goes on afterwards.
        folder: where the disk as found afterwards is put; removed after the block.
    """
    folder.mkdir()
    after = Disk(folder)
    shutil.copyfile(disk.image, after.image)
    after.root.mkdir()
    try:
        after.mount()
        try:
            yield after.root
        finally:
            after.unmount()
    finally:
        shutil.rmtree(folder)


def _failed(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or done.stdout.strip() or str(done.returncode)) if done.returncode else ""


def _run(*command: str) -> None:
    if failure := _failed(*command):
        raise RuntimeError(f"{' '.join(command)}: {failure}")
