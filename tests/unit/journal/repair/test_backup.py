import sqlite3
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lanchat.errors import DiskFull, JournalDamaged, JournalFailed, JournalReadOnly
from lanchat.journal.repair.backup import write_backup
from lanchat.journal.schema import open_writer
from tests.support.journal.damage import contents, furnish, overwrite
from tests.support.journal.sayings import say
from tests.support.rooms.said import draft


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def test_a_copy_has_everything_that_was_committed(database: Path, copy: Path) -> None:
    before = furnish(database)
    with closing(open_writer(database)) as connection:
        [said] = say(connection, draft(room="home"))
        connection.execute("BEGIN IMMEDIATE; INSERT INTO setting VALUES ('half', 'x')")
        write_backup(database, copy)
        connection.execute("ROLLBACK")
    with closing(open_writer(copy)) as connection:
        assert contents(connection)["Kitchen"] == [*before["home"], said]
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert connection.execute("SELECT count(*) FROM setting").get == 2


def test_nothing_is_overwritten(database: Path, copy: Path) -> None:
    furnish(database, 5)
    copy.write_bytes(b"mine")
    with pytest.raises(JournalFailed, match="already"):
        write_backup(database, copy)
    assert copy.read_bytes() == b"mine"


def test_a_rest_of_an_earlier_one_is_no_hindrance(database: Path, copy: Path) -> None:
    furnish(database, 5)
    copy.with_name("copy.db.part").write_bytes(b"half")
    write_backup(database, copy)
    assert sqlite3.connect(copy).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_backup_that_fails_leaves_nothing(database: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(database)
    with pytest.raises(JournalReadOnly):
        write_backup(database, copy.parent / "nowhere" / "copy.db")
    overwrite(database, b"say 200.")
    with pytest.raises(JournalDamaged):
        write_backup(database, copy)
    assert [path.name for path in copy.parent.iterdir() if "copy" in path.name] == []


def test_a_full_disk_is_told(database: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Reader:
        def execute(self, *_: object) -> None:
            raise apsw.FullError

        def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr("lanchat.journal.repair.backup.open_reader", lambda _: Reader())
    with pytest.raises(DiskFull, match="no room for the backup"):
        write_backup(database, copy)
