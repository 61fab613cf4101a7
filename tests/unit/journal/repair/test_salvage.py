from collections.abc import Iterable
from typing import Any, cast

import apsw
import pytest

from lanchat.journal.repair.pages import Pages, Row
from lanchat.journal.repair.salvage import salvage

ROOM = Row(1, (None, "r1", "Kitchen", "here", "This node", 1, 0, ""))
ENTRY = (None, 1, "n", "a", "Ada", 5, "message", '{"text":"x"}', None)
KEY = 1 << 40 | 1


class Found:
    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows

    def rows(self) -> Iterable[Row]:
        return self._rows


def put(connection: apsw.Connection, *rows: Row) -> bool:
    connection.execute("DELETE FROM room")
    return salvage(cast("Pages", Found(rows)), connection)


def count(connection: apsw.Connection, table: str) -> Any:
    return connection.execute(f"SELECT count(*) FROM {table}").get


def test_rows_come_back_into_their_tables(connection: apsw.Connection) -> None:
    waiting = Row(4, (None, "r1", "n", "a", "Ada", '{"text":"x"}', "message"))
    index = Row(None, (1, "n", KEY))
    rows = (ROOM, Row(KEY, ENTRY), Row(KEY, ENTRY), waiting, Row(None, ("node", "here")), index)
    assert put(connection, *rows)
    assert [count(connection, table) for table in ("room", "entry", "outbox", "setting", "seen")] == [1] * 5


@pytest.mark.parametrize(
    "row",
    [
        Row(0, ENTRY),
        Row(1 << 40, ENTRY),
        Row(KEY, (None, "1", *ENTRY[2:])),
        Row(KEY, (*ENTRY[:6], "secret", *ENTRY[7:])),
        Row(KEY, (*ENTRY[:7], "no json", None)),
        Row(KEY, (*ENTRY[:7], '{"text":5}', None)),
        Row(KEY, (None, None)),
        Row(None, ("version", 4)),
        Row(None, (2, "n", KEY)),
        Row(None, ()),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_passed_over(connection: apsw.Connection, row: Row) -> None:
    assert not put(connection, row)
    assert [count(connection, table) for table in ("room", "entry", "setting", "seen")] == [0] * 4
