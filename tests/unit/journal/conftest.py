"""A database with one room that has its home here, and a transaction of its writer."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from lanchat.journal import rooms
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from tests.support.rooms.said import record


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = open_writer(Path(":memory:"))
    rooms.put_room(Transaction(connection), record())
    yield connection
    connection.close()


@pytest.fixture
def transaction(connection: apsw.Connection) -> Transaction:
    return Transaction(connection)
