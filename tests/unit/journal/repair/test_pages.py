from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.journal.repair.pages import Pages, SavedRow


def rows(path: Path) -> list[SavedRow]:
    with closing(Pages(path)) as pages:
        return list(pages.rows())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


@pytest.fixture
def connection(path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("synchronous", "off")
        connection.execute("CREATE TABLE thing (key INTEGER PRIMARY KEY, a, b, c)")
        yield connection


VALUES = [
    None,
    0,
    1,
    -1,
    127,
    -129,
    2**15,
    -(2**23),
    2**31,
    2**47,
    -(2**63),
    2**63 - 1,
    1.5,
    "",
    "Grüße",
    b"",
    b"\x00x",
]


def test_values_of_every_kind(path: Path, connection: apsw.Connection) -> None:
    with connection:
        connection.executemany("INSERT INTO thing VALUES (?, ?, 'b', NULL)", enumerate(VALUES, 2**40))
    found = {row.key: row.values[1] for row in rows(path) if len(row.values) == 4}
    assert found == dict(enumerate(VALUES, 2**40))


@pytest.mark.parametrize("size", [512, 4_096, 65_536])
def test_long_rows_and_pages_of_all_sizes(path: Path, size: int) -> None:
    lengths = [0, 10, 440, 477, 478, 500, 1_000, 4_000, 4_061, 4_062, 9_000, 65_501, 200_000]
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("page_size", size)
        connection.pragma("synchronous", "off")
        connection.execute("CREATE TABLE thing (key INTEGER PRIMARY KEY, a, b, c)")
        connection.execute("CREATE TABLE bare (a TEXT PRIMARY KEY, b) WITHOUT ROWID")
        for length in lengths:
            connection.execute("INSERT INTO thing VALUES (?, ?, 1, 2)", (length, "ü" * length))
            connection.execute("INSERT INTO bare VALUES (?, ?)", (f"{length}", "y" * length))
    found = rows(path)
    assert {row.key: row.values[1] for row in found if len(row.values) == 4} == {n: "ü" * n for n in lengths}
    bare = {row.values for row in found if row.key is None}
    assert {(f"{n}", "y" * n) for n in lengths} <= bare


def test_many_rows_of_a_table_without_rowids(path: Path, connection: apsw.Connection) -> None:
    """Some of them lie on the inner pages of the tree."""
    connection.execute("CREATE TABLE bare (a TEXT PRIMARY KEY, b) WITHOUT ROWID")
    with connection:
        connection.executemany("INSERT INTO bare VALUES (?, ?)", ((f"{n:05}", n) for n in range(5_000)))
    assert {row.values for row in rows(path) if row.key is None} == {(f"{n:05}", n) for n in range(5_000)}


def test_what_was_deleted_is_not_read(path: Path, connection: apsw.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum")
    with connection:
        connection.executemany("INSERT INTO thing VALUES (?, ?, 1, 1)", ((n, "x" * 100) for n in range(3_000)))
    connection.execute("DELETE FROM thing WHERE key < 2900")
    assert {row.key for row in rows(path) if len(row.values) == 4} == set(range(2_900, 3_000))


def test_the_log_goes_before_the_file_up_to_its_last_commit(path: Path, connection: apsw.Connection) -> None:
    connection.pragma("journal_mode", "wal")
    connection.execute("INSERT INTO thing VALUES (1, 'one', 1, 1)")
    with closing(Pages(path)) as pages:
        assert pages.whole
    connection.execute("PRAGMA cache_size = 2; BEGIN").fetchall()
    connection.executemany("INSERT INTO thing VALUES (?, ?, 1, 1)", ((n, "y" * 1_000) for n in range(2, 200)))
    assert [row.key for row in rows(path) if len(row.values) == 4] == [1]
    connection.execute("COMMIT")
    assert len([row for row in rows(path) if len(row.values) == 4]) == 199
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert len([row for row in rows(path) if len(row.values) == 4]) == 199


def test_a_file_says_whether_all_of_it_is_there(path: Path, connection: apsw.Connection) -> None:
    with connection:
        connection.executemany("INSERT INTO thing VALUES (?, ?, 1, 1)", ((n, "x" * 100) for n in range(3_000)))
    for size, expected in ((None, (True, True)), (20_000, (True, False)), (60, (True, False)), (0, (False, False))):
        path.write_bytes(path.read_bytes()[:size])
        with closing(Pages(path)) as pages:
            assert (pages.has_header, pages.whole) == expected
            list(pages.rows())


@given(st.binary(max_size=300), st.integers(0, 30_000), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=150)
def test_no_nonsense_does_harm(tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int, seed: int) -> None:
    path = tmp_path_factory.mktemp("junk") / "some.db"
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("synchronous", "off")
        connection.execute("CREATE TABLE thing (key INTEGER PRIMARY KEY, a, b, c)")
        connection.executemany(
            "INSERT INTO thing VALUES (?, ?, 1, 1)", ((n, "x" * (n * 37 % 5_000)) for n in range(15))
        )
    data = bytearray(path.read_bytes())
    data[place : place + len(junk)] = junk
    path.write_bytes(data)
    assert all(isinstance(row.values, tuple) for row in rows(path))
