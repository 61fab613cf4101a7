import sqlite3
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lanchat.errors import DiskFull, JournalDamaged, JournalError, JournalFailed, JournalNewer, JournalReadOnly
from lanchat.journal.schema import VERSION, atomic, journal_error, open_reader, open_writer


def files(database: Path) -> list[str]:
    return [path.name for path in database.parent.iterdir()]


def test_a_new_database_has_its_tables_and_its_version(database: Path) -> None:
    with closing(open_writer(database)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        assert {"room", "entry", "word", "outbox", "setting", "membership"} <= tables
        assert connection.pragma("user_version") == VERSION == 8


def test_a_commit_is_on_the_disk_before_it_returns(database: Path) -> None:
    with closing(open_writer(database)) as connection:
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == 2, "FULL: a power cut loses nothing that was acknowledged"
        assert connection.pragma("foreign_keys") == 1


def test_sqlite_is_one_that_keeps_a_wal_whole() -> None:
    assert tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) >= (3, 51, 3)


def test_a_database_is_opened_again_as_it_was(database: Path) -> None:
    with closing(open_writer(database)) as connection:
        connection.execute("INSERT INTO setting VALUES ('a', 'b')")
    with closing(open_writer(database)) as connection:
        assert connection.execute("SELECT * FROM setting").fetchall() == [("a", "b")]


def test_nothing_but_the_database_is_left_after_the_last_one_closed_it(database: Path) -> None:
    with closing(open_writer(database)), closing(open_reader(database)):
        assert len(files(database)) == 3
    assert files(database) == [database.name]


def test_a_database_of_a_newer_lanchat_is_refused_and_left_as_it_is(database: Path) -> None:
    with closing(open_writer(database)) as connection:
        connection.pragma("user_version", VERSION + 1)
    before = database.read_bytes()
    with pytest.raises(JournalNewer, match=r"lanchat\.db.*version 9.*--data-dir"):
        open_writer(database)
    assert database.read_bytes() == before
    assert files(database) == [database.name]


@pytest.mark.parametrize(
    "content", [b"This is a text and no database.\n" * 50, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_what_is_no_database_is_refused_and_left_as_it_is(database: Path, content: bytes) -> None:
    database.write_bytes(content)
    with pytest.raises(JournalDamaged):
        open_writer(database)
    assert database.read_bytes() == content


def test_an_empty_file_becomes_a_database(database: Path) -> None:
    database.touch()
    with closing(open_writer(database)) as connection:
        assert connection.pragma("user_version") == VERSION


def test_a_place_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalReadOnly):
        open_writer(tmp_path / "nowhere" / "lanchat.db")
    with pytest.raises(JournalError):
        open_reader(tmp_path / "lanchat.db")
    with pytest.raises(JournalError):
        open_writer(tmp_path)


def test_a_reader_cannot_write_and_sees_what_was_committed(database: Path) -> None:
    with closing(open_writer(database)) as writer, closing(open_reader(database)) as reader:
        writer.execute("INSERT INTO setting VALUES ('a', 'b')")
        assert reader.execute("SELECT value FROM setting").get == "b"
        with pytest.raises(apsw.ReadOnlyError):
            reader.execute("DELETE FROM setting")


def test_the_tables_are_strict(database: Path) -> None:
    with closing(open_writer(database)) as connection, pytest.raises(apsw.ConstraintError):
        connection.execute("INSERT INTO room VALUES (1, 'r', 'name', 'h', 'home', 'one', 0, '', '', '')")


def test_other_programs_can_read_the_database(database: Path) -> None:
    with closing(open_writer(database)):
        pass
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def keys(connection: apsw.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT key FROM setting")]


def test_a_block_is_kept_whole_or_not_at_all(database: Path) -> None:
    with closing(open_writer(database)) as connection, closing(open_reader(database)) as reader:
        with atomic(connection):
            connection.execute("INSERT INTO setting VALUES ('a', '1')")
            connection.execute("INSERT INTO setting VALUES ('b', '2')")
            assert keys(reader) == []
        assert keys(reader) == ["a", "b"]
        with pytest.raises(apsw.ConstraintError), atomic(connection):
            connection.execute("DELETE FROM setting; INSERT INTO setting VALUES ('c', NULL)")
        assert keys(connection) == keys(reader) == ["a", "b"]
        assert not connection.in_transaction


def test_a_block_whose_commit_fails_is_not_kept_and_the_next_one_is(database: Path) -> None:
    with closing(open_writer(database)) as connection:
        connection.set_commit_hook(lambda: True)
        with pytest.raises(apsw.ConstraintError), atomic(connection):
            connection.execute("INSERT INTO setting VALUES ('a', '1')")
        connection.set_commit_hook(None)
        with atomic(connection):
            connection.execute("INSERT INTO setting VALUES ('b', '2')")
        assert keys(connection) == ["b"]


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (apsw.FullError(), DiskFull),
        (apsw.ReadOnlyError(), JournalReadOnly),
        (apsw.CantOpenError(), JournalReadOnly),
        (apsw.CorruptError(), JournalDamaged),
        (apsw.NotADBError(), JournalDamaged),
        (apsw.exception_for(apsw.SQLITE_IOERR_SHMSIZE), DiskFull),
        (apsw.exception_for(apsw.SQLITE_IOERR_WRITE), JournalFailed),
        (apsw.BusyError("database is locked"), JournalFailed),
        (OverflowError("too big"), JournalFailed),
    ],
)
def test_each_of_sqlites_errors_is_one_of_ours(error: Exception, ours: type[JournalError]) -> None:
    assert type(journal_error(error)) is ours
