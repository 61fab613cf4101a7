import apsw
import pytest
from msgspec.structs import replace

from lanchat.journal import numbering, rooms
from lanchat.journal.memberships import rows
from lanchat.journal.memberships.rows import MembershipRecord
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Body, guest_id
from tests.support.rooms.said import ADA, BOB, THERE, draft, record

MINE = MembershipRecord(ADA.id, "r1", read=2, view=1, notices="mentions", favourite=True, place=1, at=5)
GUESTS = [guest_id(str(number)) for number in range(30)]


def test_what_was_put_comes_back_and_the_last_one_counts(connection: apsw.Connection) -> None:
    rows.put(connection, [replace(MINE, read=1), MINE])
    assert rows.of_person(connection, ADA.id) == [MINE]
    assert rows.of_person(connection, BOB.id) == []
    rows.drop(connection, ADA.id, "r1")
    assert rows.of_person(connection, ADA.id) == []


def test_rooms_come_in_the_order_in_which_they_were_put(connection: apsw.Connection) -> None:
    for room in ("r2", "r3"):
        rooms.put_room(Transaction(connection), record(room))
    rows.put(connection, [replace(MINE, room=room, place=place) for room, place in (("r1", 0), ("r2", 2), ("r3", 1))])
    assert [kept.room for kept in rows.of_person(connection, ADA.id)] == ["r3", "r2", "r1"]


def test_nobody_is_in_a_room_that_is_gone(connection: apsw.Connection) -> None:
    rows.put(connection, [MINE, replace(MINE, room="gone")])
    assert [kept.room for kept in rows.of_person(connection, ADA.id)] == ["r1"]
    rooms.delete_room(Transaction(connection), "r1")
    assert rows.of_person(connection, ADA.id) == []


def test_guests_leave_a_bounded_number_of_rows_and_nobody_else_loses_theirs(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_OF_GUESTS", 20)
    rows.put(connection, [replace(MINE, at=0)])
    for at, guest in enumerate(GUESTS, 1):
        rows.put(connection, [replace(MINE, person=guest, at=at)])
    left = [guest for guest in GUESTS if rows.of_person(connection, guest)]
    assert 15 <= len(left) <= 20
    assert left == GUESTS[-len(left) :]  # those that changed last
    assert rows.of_person(connection, ADA.id)


def test_unread_is_what_others_said_and_what_stands(connection: apsw.Connection, transaction: Transaction) -> None:
    for text, author in (("one", BOB), ("mine", ADA), ("@Ada two", BOB), ("three", BOB)):
        numbering.append(transaction, draft(text, nonce=text, author=author))
    gone = replace(draft(author=BOB), kind="deletion", body=Body(target="three"))
    numbering.append(transaction, gone)
    top, unread = rows.unread(connection, "r1", ADA.id, 0)
    assert top == 5
    assert [(said.seq, said.author, said.text) for said in unread] == [(1, BOB.id, ""), (3, BOB.id, "@Ada two")]
    assert [said.seq for said in rows.unread(connection, "r1", ADA.id, 1)[1]] == [3]
    assert rows.unread(connection, "r1", ADA.id, 2**62) == (5, [])


def test_of_a_long_room_only_the_newest_events_are_looked_at(
    connection: apsw.Connection, transaction: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_COUNTED", 4)
    for _ in range(9):
        numbering.append(transaction, draft(author=BOB))
    assert [said.seq for said in rows.unread(connection, "r1", ADA.id, 0)[1]] == [6, 7, 8, 9]


def test_another_history_begins_unread_from_its_first_event(connection: apsw.Connection) -> None:
    rows.put(connection, [MINE])
    connection.execute("BEGIN")
    rooms.renew_room(Transaction(connection), record())
    connection.execute("COMMIT")
    assert rows.of_person(connection, ADA.id) == [replace(MINE, read=0, view=0)]


def test_who_was_in_a_silent_room_is_in_the_one_that_replaces_it(connection: apsw.Connection) -> None:
    rows.put(connection, [replace(MINE, read=0)])
    assert rooms.replace_room(Transaction(connection), "r1", record("r9", home=THERE))
    assert [kept.room for kept in rows.of_person(connection, ADA.id)] == ["r9"]
