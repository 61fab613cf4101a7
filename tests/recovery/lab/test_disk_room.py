"""Long work on a disk that has no room for it: it says so, everything is as it was, and later it can be done."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lanchat.cli.exit_codes import exit_code_of
from lanchat.errors import DiskFull
from lanchat.journal.repair.opening import open_whole
from lanchat.journal.schema import VERSION
from tests.support.faults import Disk, disk_full
from tests.support.journal.damage import contents, furnish, furnish_first, overwrite
from tests.support.terminal import lanchat_inside

LITTLE = 100_000
"""Bytes that a disk has left: enough to begin with, and not to end."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path) as disk:
        yield disk


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with two rooms, on a disk that has room."""
    database = tmp_path / "data" / "lanchat.db"
    database.parent.mkdir()
    furnish(database)
    return database


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"ballast", "lost+found"}


def refused(*command: str | Path) -> str:
    """See that a command ends because the disk is full; give the sentence with which it says so."""
    done = lanchat_inside(*command)
    assert (done.code, done.out) == (exit_code_of(DiskFull), ""), done
    sentence = done.err.splitlines()[-1]
    assert "no room" in sentence or "disk is full" in sentence
    assert "message" not in sentence, "nobody has sent one"
    return sentence


@pytest.mark.parametrize("room", [0, LITTLE])
def test_a_migration(disk: Disk, room: int) -> None:
    database = disk.root / "lanchat.db"
    furnish_first(database)
    before = database.read_bytes()
    with disk_full(disk, room):
        with pytest.raises(DiskFull, match="no room to open"):
            open_whole(database)
        assert database.read_bytes() == before
    connection, recovery = open_whole(database)
    with closing(connection):
        assert (connection.pragma("user_version"), recovery) == (VERSION, None)
        assert [len(run) for run in contents(connection).values()] == [400, 400]


@pytest.mark.parametrize("room", [0, LITTLE])
@pytest.mark.parametrize("furnished", [furnish, furnish_first])
def test_a_recovery(disk: Disk, furnished: Callable[[Path], object], room: int) -> None:
    database = disk.root / "lanchat.db"
    furnished(database)
    overwrite(database, b"say 200.")
    before = database.read_bytes()
    with disk_full(disk, room):
        with pytest.raises(DiskFull, match="no room"):
            open_whole(database)
        assert database.read_bytes() == before
        assert names(disk.root) <= {"lanchat.db", "lanchat.db-wal", "lanchat.db-shm"}
    connection, recovery = open_whole(database)
    with closing(connection):
        assert recovery is not None
        assert recovery.aside.read_bytes() == before
        assert recovery.kept > 750
    assert names(disk.root) == {"lanchat.db", recovery.aside.name}


@pytest.mark.parametrize("room", [0, LITTLE])
def test_a_backup(disk: Disk, database: Path, room: int) -> None:
    before = database.read_bytes()
    command = ("backup", disk.root / "copy.db", "--data-dir", database.parent)
    with disk_full(disk, room):
        refused(*command)
        assert names(disk.root) == set()
    assert database.read_bytes() == before
    assert lanchat_inside(*command).code == 0
    connection, recovery = open_whole(disk.root / "copy.db")
    with closing(connection):
        assert recovery is None
        assert [len(run) for run in contents(connection).values()] == [402, 399]


@pytest.mark.parametrize("name", ["room.jsonl", "room.html"])
@pytest.mark.parametrize("room", [0, LITTLE])
def test_an_export(disk: Disk, database: Path, name: str, room: int) -> None:
    command = ("export", "Kitchen", disk.root / name, "--data-dir", database.parent)
    with disk_full(disk, room):
        refused(*command)
        assert names(disk.root) == set()
    done = lanchat_inside(*command)
    assert (done.code, done.out) == (0, f"402 entries are in {disk.root / name}.\n")


@pytest.mark.parametrize(("room", "done"), [(0, 0), (LITTLE, 0), (2 * LITTLE, 200)])
def test_an_import(disk: Disk, tmp_path: Path, room: int, done: int) -> None:
    """What was brought in stays, and a second time goes on from there."""
    furnish(disk.root / "lanchat.db", 10)
    furnish_first(tmp_path / "lanchat.db")
    with closing(apsw.Connection(str(tmp_path / "lanchat.db"))) as connection:
        # What is dated before the room began here is not taken.
        connection.execute("UPDATE event SET at = at + ?", (time.time_ns() // 1_000_000,))
    file = tmp_path / "room.jsonl"
    assert lanchat_inside("export", "Kitchen", file, "--data-dir", tmp_path).code == 0
    command = ("import", file, "--merge", "--data-dir", disk.root)
    with disk_full(disk, room):
        sentence = refused(*command)
        assert f"{done} of 400" in sentence or room == 0
    known = f", {done} were there already" if done else ""
    assert lanchat_inside(*command).out == f"{400 - done} entries are now in Kitchen{known}.\n"
    connection, recovery = open_whole(disk.root / "lanchat.db")
    with closing(connection):
        assert recovery is None
        assert len(contents(connection)["Kitchen"]) == 412
