import apsw
import msgspec
import pytest

from lanchat.journal import RoomRecord, numbering, outbox, rooms
from lanchat.journal.schema import atomic
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Body, NodeInfo
from tests.support.journal.sayings import about, everything, say
from tests.support.rooms.said import ADA, THERE, draft, event, record


def test_rooms_come_oldest_first_and_whole(connection: apsw.Connection) -> None:
    second = RoomRecord("r2", "Küche", THERE, 3, addresses=("192.0.2.1:28280", "[fe80::1]:80"))
    rooms.put_room(Transaction(connection), second)
    rooms.put_room(Transaction(connection), record("r0"))
    assert rooms.rooms(connection) == [record(), second, record("r0")]


def test_what_is_kept_of_a_room_can_change(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    renamed = RoomRecord("r1", "Kitchen", NodeInfo(id="here", name="Renamed"), 2, addresses=("192.0.2.1:1",))
    rooms.put_room(Transaction(connection), renamed)
    assert rooms.rooms(connection) == [renamed, record("r2")]


def test_two_rooms_may_have_the_same_name(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    assert [room.name for room in rooms.rooms(connection)] == ["Kitchen", "Kitchen"]


def test_a_forgotten_room_takes_everything_with_it(connection: apsw.Connection, transaction: Transaction) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    for room in ("r1", "r2"):
        numbering.append(transaction, draft(room=room))
        outbox.enqueue(transaction, draft(room=room))
    rooms.delete_room(transaction, "r1")
    rooms.delete_room(transaction, "never seen")
    assert rooms.rooms(connection) == [record("r2")]
    assert (everything(connection), outbox.waiting(connection, "r1", 0)) == ([], [])
    assert (len(everything(connection, "r2")), len(outbox.waiting(connection, "r2", 0))) == (1, 1)


def test_a_room_that_comes_back_in_the_same_transaction_begins_anew(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    numbering.append(transaction, draft())
    rooms.delete_room(transaction, "r1")
    rooms.put_room(Transaction(connection), record())
    assert numbering.append(transaction, draft()).event.seq == 1
    assert [event.seq for event in transaction.fresh["r1"]] == [1]


def test_only_a_silent_room_can_be_replaced(connection: apsw.Connection, transaction: Transaction) -> None:
    other = record("r2", home=THERE)
    numbering.append(transaction, draft())
    assert not rooms.replace_room(transaction, "r1", other)
    assert rooms.rooms(connection) == [record()]
    rooms.put_room(Transaction(connection), record("silent"))
    assert rooms.replace_room(transaction, "silent", other)
    assert rooms.rooms(connection) == [record(), other]


def test_the_last_value_of_a_setting_counts(connection: apsw.Connection) -> None:
    assert rooms.settings(connection) == {}
    for key, value in (("nick", "Ada"), ("node", "n1"), ("nick", "Bob")):
        rooms.put_setting(connection, key, value)
    assert rooms.settings(connection) == {"nick": "Bob", "node": "n1"}


# What is left of forgotten rooms --------------------------------------------------------------------------------------


def test_forgotten_rooms_are_swept_in_small_pieces_and_others_stay(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "SWEPT", 3)
    for room in ("r2", "r3"):
        rooms.put_room(Transaction(connection), record(room))
    for room in ("r1", "r2", "r3"):
        say(connection, *(draft("word", room=room) for _ in range(5)))
    transaction = Transaction(connection)
    rooms.delete_room(transaction, "r2")
    sizes = []
    while rooms.sweep(transaction):
        sizes.append(connection.execute("SELECT count(*) FROM entry").get)
    assert sizes == [12, 10]
    assert [len(everything(connection, room)) for room in ("r1", "r2", "r3")] == [5, 0, 5]
    assert connection.execute("SELECT count(*) FROM word WHERE word MATCH 'word'").get == 10


def test_a_room_that_comes_back_has_nothing_of_the_forgotten_one(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    say(connection, draft(nonce="n"))
    rooms.delete_room(transaction, "r1")
    rooms.put_room(Transaction(connection), record())
    assert everything(connection) == []
    assert numbering.append(transaction, draft(nonce="n")).fresh
    while rooms.sweep(transaction):
        pass
    assert len(everything(connection)) == 1


def test_an_empty_database_needs_no_sweeping(transaction: Transaction) -> None:
    assert not rooms.sweep(transaction)


def test_what_waits_goes_along_to_the_other_room_behind_what_waits_there_and_is_signed_anew(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    rooms.put_room(transaction, record("silent", home=THERE))
    signed = [msgspec.structs.replace(draft(room="silent"), signature="s", voucher="v") for _ in range(3)]
    there = draft(room="other")
    for each in signed:
        outbox.enqueue(transaction, each)
    rooms.put_room(transaction, record("other", home=THERE))
    outbox.enqueue(transaction, there)
    place, _ = outbox.waiting(connection, "other", 0)[-1]
    assert rooms.replace_room(transaction, "silent", record("other", home=THERE))
    moved = [msgspec.structs.replace(each, room="other", signature="", voucher="") for each in signed]
    assert [each for _, each in outbox.waiting(connection, "other", place)] == moved
    assert outbox.waiting(connection, "silent", 0) == []


def test_what_waits_outlives_a_history_that_was_replaced(connection: apsw.Connection, transaction: Transaction) -> None:
    """Its targets are names of messages, which stand in the new history under whatever number, or nowhere."""
    mirrored = record("copy", home=THERE)
    rooms.put_room(transaction, mirrored)
    numbering.mirror(transaction, "copy", [event(1, room="copy"), event(2, room="copy")])
    waiting = [draft(room="copy"), about(2, "edit", "two", room="copy"), about(1, "deletion", room="copy")]
    for item in waiting:
        outbox.enqueue(transaction, item)
    with atomic(connection):
        rooms.renew_room(transaction, mirrored)
    assert everything(connection, "copy") == []
    assert [item for _, item in outbox.waiting(connection, "copy", 0)] == waiting
    assert connection.execute("PRAGMA foreign_key_check").get is None


def test_a_room_in_which_something_was_said_goes_for_no_other(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    numbering.append(transaction, draft("mine", author=ADA))
    assert not rooms.replace_room(transaction, "r1", record("other", home=THERE))
    assert [room.id for room in rooms.rooms(connection)] == ["r1"]


def test_what_waits_for_a_room_from_another_one_goes_nowhere_else(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    """It is signed for the one, and has a place in the other only."""
    outbox.enqueue(transaction, msgspec.structs.replace(draft("brought"), body=Body(text="brought", origin="r0")))
    assert not rooms.replace_room(transaction, "r1", record("other", home=THERE))
    assert [each.body.text for _, each in outbox.waiting(connection, "r1", outbox.FIRST)] == ["brought"]
