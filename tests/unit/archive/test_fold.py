from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lanchat.archive.fold import fold
from lanchat.journal import reading, rooms
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from tests.support.journal.sayings import deletion, edit, everything, reaction, say
from tests.support.rooms.said import ADA, record


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    with closing(open_writer(Path(":memory:"))) as connection:
        rooms.put_room(Transaction(connection), record())
        yield connection


def test_messages_read_as_they_are_now_however_the_run_is_cut(connection: apsw.Connection) -> None:
    say(connection, "one", "two", reaction(1), edit(1, "uno"), reaction(1, author=ADA), "three", edit(1, "eins"))
    say(connection, reaction(1, off=True), deletion(2), reaction(6, "🎉"), reaction(6, "🎉", off=True))
    for cut in range(1, 12):
        first, second = everything(connection)[:cut], everything(connection)[cut:]
        shown = [message for run in (first, second) for message in fold(run, reading.later(connection, "r1", run))]
        assert [(item.event.seq, item.text, item.edited, item.deleted) for item in shown] == [
            (1, "eins", True, False),
            (2, "two", False, True),
            (6, "three", False, False),
        ]
        assert [item.crowds for item in shown] == [[("👍", ["Ada"])], [], []]
