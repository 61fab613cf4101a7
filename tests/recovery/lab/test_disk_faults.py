"""A fault of a disk does what its name says, and nothing of it stays after its block."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.faults import Disk, disk_full, power_cut, read_only


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path) as disk:
        yield disk
    assert not disk.root.is_mount()
    command = ["losetup", "--list", "--noheadings", "--output", "BACK-FILE"]
    assert str(tmp_path) not in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def write(path: Path, text: str) -> None:
    """Write a file and have it on the disk."""
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def test_full_and_free_again(disk: Disk) -> None:
    write(disk.root / "before", "x")
    with suppress(ZeroDivisionError), disk_full(disk):
        with pytest.raises(OSError, match="No space") as full:
            write(disk.root / "during", "x" * 10_000)
        assert full.value.errno == errno.ENOSPC
        assert (disk.root / "before").read_text() == "x"
        raise ZeroDivisionError
    write(disk.root / "after", "x" * 10_000)


def test_full_but_for_a_little(disk: Disk) -> None:
    with disk_full(disk, 100_000):
        write(disk.root / "little", "x" * 50_000)
        with pytest.raises(OSError, match="No space"):
            write(disk.root / "much", "x" * 100_000)


def test_read_only_and_writable_again(disk: Disk) -> None:
    write(disk.root / "before", "x")
    with (disk.root / "open").open("w") as file, read_only(disk):
        with pytest.raises(OSError, match="Read-only") as refused:
            write(disk.root / "during", "x")
        assert refused.value.errno == errno.EROFS
        file.write("x")
        with pytest.raises(OSError, match="Read-only"):
            file.close()
        assert (disk.root / "before").read_text() == "x"
    write(disk.root / "after", "x")


def test_a_power_cut_keeps_what_was_synced_and_only_that(disk: Disk, tmp_path: Path) -> None:
    write(disk.root / "synced", "x" * 10_000)
    (disk.root / "not synced").write_text("x" * 10_000)
    with suppress(ZeroDivisionError), power_cut(disk, tmp_path / "cut") as after:
        assert (after / "synced").read_text() == "x" * 10_000
        assert not (after / "not synced").exists() or not (after / "not synced").read_text()
        raise ZeroDivisionError
    assert not (tmp_path / "cut").exists()
    assert (disk.root / "not synced").read_text() == "x" * 10_000
