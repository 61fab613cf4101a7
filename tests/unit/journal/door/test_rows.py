from contextlib import closing
from pathlib import Path

import pytest

from lanchat.errors import NoSuchRoom
from lanchat.journal import rooms
from lanchat.journal.door import rows
from lanchat.journal.schema import atomic, open_writer
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Rule
from tests.support.rooms.doors import said
from tests.support.rooms.said import record


def test_what_is_kept_of_a_door_goes_with_its_room(database: Path) -> None:
    with closing(open_writer(database)) as connection, atomic(connection):
        transaction = Transaction(connection)
        rooms.put_room(transaction, record())
        rows.put_key(connection, "r1", b"k")
        rows.put_pass(connection, "r1", "ada")
        rows.put_pass(connection, "r1", "ada")
        rows.bar(connection, "r1", "192.0.2.1", "eve")
        rows.keep_rules(connection, "r1", [said(Rule(change="locked"), 4)])
        assert rows.record(connection, "r1") == (b"k", {"ada"}, {("192.0.2.1", "eve")})
        rooms.delete_room(transaction, "r1")
        for table in ("rule", "passkey", "pass", "barred"):
            assert connection.execute(f"SELECT count(*) FROM {table}").get == 0
        with pytest.raises(NoSuchRoom):
            rows.put_key(connection, "r1", b"k")
        with pytest.raises(NoSuchRoom):
            rows.put_pass(connection, "r1", "ada")
        with pytest.raises(NoSuchRoom):
            rows.bar(connection, "r1", "192.0.2.1", "eve")


def test_a_room_that_begins_anew_keeps_who_was_let_in_and_no_rule(database: Path) -> None:
    with closing(open_writer(database)) as connection, atomic(connection):
        transaction = Transaction(connection)
        rooms.put_room(transaction, record())
        rows.put_pass(connection, "r1", "ada")
        rows.keep_rules(connection, "r1", [said(Rule(change="locked"), 4)])
        rooms.renew_room(transaction, record())
        assert rows.record(connection, "r1").passes == {"ada"}
        assert rows.rules(connection, "r1", 0, -1) == []


def test_of_very_many_rooms_that_are_over_the_last_ones_are_remembered(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_GRAVES", 3)
    with closing(open_writer(database)) as connection:
        for at in range(6):
            rooms.put_room(Transaction(connection), record(f"r{at}", owner="o"))
            rows.bury(connection, said(Rule(change="delete"), author="o", at=at, room=f"r{at}"))
        assert rows.graves(connection) == {"r3", "r4", "r5"}
        grave = rows.grave(connection, "r5")
        assert grave is not None
        assert (grave.owner, grave.event.room) == ("o", "r5")
        assert rows.grave(connection, "r0") is None
