from collections.abc import Iterable
from typing import Any, cast

import apsw
import pytest

from lanchat.journal.repair.pages import Pages, SavedRow
from lanchat.journal.repair.salvage import salvage

ROOM = SavedRow(1, (None, "r1", "Kitchen", "here", "This node", 1, 0, ""))
ENTRY = (None, 1, "n", "a", "Ada", 5, "message", '{"text":"x"}', None)
KEY = 1 << 40 | 1


class Found:
    def __init__(self, rows: Iterable[SavedRow]) -> None:
        self._rows = rows

    def rows(self) -> Iterable[SavedRow]:
        return self._rows


def put(connection: apsw.Connection, *rows: SavedRow) -> bool:
    connection.execute("DELETE FROM room")
    return salvage(cast("Pages", Found(rows)), connection)


def count(connection: apsw.Connection, table: str) -> Any:
    return connection.execute(f"SELECT count(*) FROM {table}").get


@pytest.mark.parametrize("added", [(), ("s" * 86, "v" * 43)], ids=["before signatures", "with them"])
def test_rows_of_before_there_were_signatures_come_back_beside_those_of_now(
    connection: apsw.Connection, added: tuple[str, ...]
) -> None:
    """In one file: a row stays as it was written."""
    other = (None, 1, "other", *ENTRY[3:], "", "")
    waiting = SavedRow(4, (None, "r1", "w", "a", "Ada", '{"text":"x"}', "message", *added))
    assert put(connection, ROOM, SavedRow(KEY, (*ENTRY, *added)), SavedRow(KEY + 1, other), waiting)
    expected = added or ("", "")
    assert connection.execute("SELECT signature, voucher FROM entry ORDER BY key").fetchall() == [expected, ("", "")]
    assert connection.execute("SELECT signature, voucher, kind FROM outbox").fetchall() == [(*expected, "message")]


def test_rows_come_back_into_their_tables(connection: apsw.Connection) -> None:
    waiting = SavedRow(4, (None, "r1", "n", "a", "Ada", '{"text":"x"}', "message"))
    index = SavedRow(None, (1, "n", KEY))
    mine = SavedRow(None, ("ada", "r1", 7, 0, "all", 0, 0, 5))
    over = SavedRow(None, ("r2", "owner", "salt", "{}", 5))
    rows = (ROOM, SavedRow(KEY, ENTRY), SavedRow(KEY, ENTRY), waiting, SavedRow(None, ("node", "here")), index)
    assert put(connection, *rows, mine, over)
    tables = ("room", "entry", "outbox", "setting", "seen", "membership", "grave")
    assert [count(connection, table) for table in tables] == [1] * 7


@pytest.mark.parametrize(
    "row",
    [
        SavedRow(0, ENTRY),
        SavedRow(1 << 40, ENTRY),
        SavedRow(KEY, (None, "1", *ENTRY[2:])),
        SavedRow(KEY, (*ENTRY[:6], "secret", *ENTRY[7:])),
        SavedRow(KEY, (*ENTRY[:7], "no json", None)),
        SavedRow(KEY, (*ENTRY[:7], '{"text":5}', None)),
        SavedRow(KEY, (None, None)),
        SavedRow(None, ("version", 4)),
        SavedRow(None, (2, "n", KEY)),
        SavedRow(None, ()),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_passed_over(connection: apsw.Connection, row: SavedRow) -> None:
    assert not put(connection, row)
    assert [count(connection, table) for table in ("room", "entry", "setting", "seen")] == [0] * 4
