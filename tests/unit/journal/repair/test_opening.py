from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lanchat.errors import JournalDamaged, JournalFailed, JournalNewer
from lanchat.journal.repair import opening
from lanchat.journal.repair.opening import open_whole, suspect
from lanchat.journal.schema import VERSION, open_writer
from tests.support.journal.damage import PAGE, contents, cut, furnish, furnish_first, overwrite


def names(database: Path) -> list[str]:
    return sorted(path.name for path in database.parent.iterdir())


def test_a_whole_database_is_opened_and_nothing_else_happens(database: Path) -> None:
    before = furnish(database)
    connection, report = open_whole(database)
    with closing(connection):
        assert report is None
        assert contents(connection)["Kitchen"] == before["home"]
    assert names(database) == ["lanchat.db"]


def test_a_new_database_is_made(database: Path) -> None:
    connection, report = open_whole(database)
    connection.close()
    assert report is None


@pytest.mark.parametrize("holding", [b"say 100.", b"copy 100.", b"ownerada", b"SQLite format 3"])
def test_a_damaged_page_is_found_and_the_rest_recovered(database: Path, holding: bytes) -> None:
    furnish(database)
    overwrite(database, holding)
    damaged = database.read_bytes()
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert report.aside.read_bytes() == damaged
        assert report.kept > 450
        assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection, report = open_whole(database)
    connection.close()
    assert report is None


@pytest.mark.parametrize("part", [0.95, 0.6, 0.3])
def test_a_cut_file_is_recovered(database: Path, part: float) -> None:
    furnish(database)
    cut(database, part)
    connection, report = open_whole(database)
    connection.close()
    assert report is not None
    assert report.renewed == ("Kitchen",)


def test_a_file_with_a_header_and_nothing_else_of_ours_is_set_aside(database: Path) -> None:
    database.write_bytes(b"SQLite format 3\x00" + b"\xff" * PAGE)
    connection, report = open_whole(database)
    connection.close()
    assert report is not None
    assert (report.kept, report.aside.exists()) == (0, True)


def test_what_is_something_else_is_refused_and_let_be(database: Path) -> None:
    database.write_bytes(b"my diary\n" * 1_000)
    with pytest.raises(JournalDamaged, match="let be"):
        open_whole(database)
    assert database.read_bytes() == b"my diary\n" * 1_000
    assert names(database) == ["lanchat.db"]


def test_a_newer_database_is_refused_and_let_be(database: Path) -> None:
    with closing(open_writer(database)) as connection:
        connection.pragma("user_version", VERSION + 1)
    before = database.read_bytes()
    with pytest.raises(JournalNewer):
        open_whole(database)
    assert (database.read_bytes(), names(database)) == (before, ["lanchat.db"])


def test_a_database_that_another_program_holds_is_refused_and_let_be(database: Path) -> None:
    furnish(database)
    with closing(apsw.Connection(str(database))) as other:
        other.pragma("locking_mode", "exclusive")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalFailed, match="locked"):
            open_whole(database)
    connection, report = open_whole(database)
    connection.close()
    assert report is None


def test_a_large_file_is_checked_after_an_unclean_end_only(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CHECKED", 0)
    monkeypatch.setattr(opening, "READ", 0)
    furnish(database)
    overwrite(database, b"ownerada")
    connection, report = open_whole(database)
    assert report is None
    connection.execute("UPDATE room SET term = 2")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for path in (database, database.with_name("lanchat.db-wal")):
        (crashed / path.name).write_bytes(path.read_bytes())
    connection.close()
    connection, report = open_whole(crashed / database.name)
    connection.close()
    assert report is not None


def test_a_check_that_takes_too_long_ends(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE", -1.0)
    before = furnish(database, 2_000)
    connection, report = open_whole(database)
    with closing(connection):
        assert report is None
        assert contents(connection)["Kitchen"] == before["home"]


def test_a_suspected_file_is_recovered(database: Path) -> None:
    before = furnish(database)
    suspect(database)
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert report.renewed == ()
        assert contents(connection)["Kitchen"] == before["home"]
    assert names(database) == ["lanchat.db", report.aside.name]


def turn(database: Path, statement: str) -> None:
    """Let a bit of a table turn over, as far as its indexes can tell."""
    with closing(apsw.Connection(str(database))) as connection:
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
        connection.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
        indexes = connection.execute("SELECT * FROM sqlite_schema WHERE name LIKE 'entry_%'").fetchall()
        connection.execute("DELETE FROM sqlite_schema WHERE name LIKE 'entry_%'")
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute(statement)
        connection.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
        connection.executemany("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", indexes)


@pytest.mark.parametrize("read", [0, opening.READ])
@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("UPDATE entry SET key = key + (1 << 37) WHERE key = (1 << 40) + 17", 0),
        ("UPDATE entry SET key = key + (1 << 45) WHERE key = (1 << 40) + 17", 0),
        ("UPDATE entry SET key = key + 7 WHERE key = (2 << 40) + 399", 0),
        ("UPDATE entry SET key = key + (1 << 37), nonce = 'another' WHERE key = (1 << 40) + 17", 1),
        ("DELETE FROM entry WHERE key = (1 << 40) + 17", 1),
    ],
)
def test_a_hole_in_a_room_is_damage_in_a_file_of_any_size(
    database: Path, monkeypatch: pytest.MonkeyPatch, statement: str, lost: int, read: int
) -> None:
    monkeypatch.setattr(opening, "CHECKED", 0)
    monkeypatch.setattr(opening, "READ", read)
    furnish(database)
    turn(database, statement)
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert report.lost == lost
        for run in contents(connection).values():
            assert [event.seq for event in run] == list(range(1, len(run) + 1))
            assert len(run) >= 398
        assert len(contents(connection)["Kitchen"]) == 402 - lost
        assert report.renewed == ("Kitchen",) * lost


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET nonce = CAST(x'6eff' AS TEXT) WHERE key = (1 << 40) + 17",
        "UPDATE entry SET nonce = 'another' WHERE key = (1 << 40) + 17",
        "UPDATE entry SET author_nick = CAST(x'ff' AS TEXT) WHERE key = (1 << 40) + 17",
        "UPDATE entry SET body = 'no JSON' WHERE key = (1 << 40) + 17",
        "UPDATE entry SET kind = 'massage' WHERE key = (1 << 40) + 17",
        "UPDATE setting SET value = CAST(x'ff' AS TEXT) WHERE key = 'owner'",
    ],
)
def test_a_row_that_makes_no_sense_is_damage(database: Path, statement: str) -> None:
    furnish(database)
    turn(database, statement)
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert report.lost <= 1
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert all(contents(connection).values())


def test_a_description_of_the_tables_that_makes_no_sense_is_damage(database: Path) -> None:
    before = furnish(database)
    data = database.read_bytes()
    database.write_bytes(data.replace(b"tokenize", b"tokenise"))
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert contents(connection)["Kitchen"] == before["home"]


@pytest.mark.parametrize("holding", [b"say 100.", b"copy 100.", b"ownerada", b"SQLite format 3"])
def test_a_damaged_file_of_the_first_version_is_recovered_and_brought_to_this_one(
    database: Path, holding: bytes
) -> None:
    furnish_first(database)
    overwrite(database, holding)
    damaged = database.read_bytes()
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert report.aside.read_bytes() == damaged
        assert connection.pragma("user_version") == VERSION
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        for run in contents(connection).values():
            assert [event.seq for event in run] == list(range(1, len(run) + 1))
        assert report.kept > 450
    connection, report = open_whole(database)
    connection.close()
    assert report is None


def test_a_file_of_the_first_version_is_not_led_on_when_a_row_cannot_be_found(database: Path) -> None:
    """SQLite would lead on what it finds, and drop the old table with what it does not find."""
    furnish_first(database)
    data = database.read_bytes()
    place = data.index(b"home 17a1Ada") - len("home") - 2
    assert data[place : place + 4] == b"home"
    database.write_bytes(data[:place] + b"hole" + data[place + 4 :])
    connection, report = open_whole(database)
    with closing(connection):
        assert report is not None
        assert (report.lost, report.renewed) == (1, ("Kitchen",))
