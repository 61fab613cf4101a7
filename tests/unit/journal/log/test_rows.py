import apsw
import pytest

from lanchat.errors import JournalFailed, NotYours
from lanchat.journal import numbering, outbox, reading
from lanchat.journal.log import rows
from lanchat.journal.records import Draft, LedgerRecord, Logged, Turn
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Body
from tests.support.rooms.said import ADA, BOB, draft, event


def founded(connection: apsw.Connection, *texts: str, alone: bool) -> None:
    """A room in which something was said, and which has other voters then."""
    transaction = Transaction(connection)
    for text in texts:
        numbering.append(transaction, draft(text, nonce=text))
    rows.found(transaction, "r1", "me", "first")
    transaction.turn("r1", "voters", alone=alone)


def texts(connection: apsw.Connection) -> list[str]:
    return [each.body.text for each in reading.after(connection, "r1", 0, 100)]


def waiting(connection: apsw.Connection) -> list[str]:
    return [each.nonce for _, each in outbox.waiting(connection, "r1", outbox.FIRST)]


def test_a_log_begins_with_everything_that_was_said(connection: apsw.Connection) -> None:
    assert rows.load(connection, "r1") is None
    founded(connection, "one", "two", alone=True)
    assert rows.load(connection, "r1") == LedgerRecord(
        "me", 1, "me", 1, "first", 2, (Turn(3, 1, 2, "voters", alone=True),)
    )


def test_who_is_a_quorum_alone_acknowledges_by_numbering(connection: apsw.Connection) -> None:
    founded(connection, "one", alone=True)
    transaction = Transaction(connection)
    kept = numbering.append(transaction, draft("two", nonce="two"))
    assert (kept.event.seq, kept.place) == (2, 0)
    assert transaction.logged == {"r1": [Logged(3, 1, kept.event, direct=True)]}
    assert texts(connection) == ["one", "two"]


def test_what_others_have_to_keep_is_shown_to_nobody_and_waits_in_the_outbox(connection: apsw.Connection) -> None:
    founded(connection, "one", alone=False)
    transaction = Transaction(connection)
    kept = numbering.append(transaction, draft("two", nonce="two"))
    brought = numbering.append(transaction, draft("three", nonce="three"), brought=True)
    assert [(each.event.seq, each.place) for each in (kept, brought)] == [(2, 3), (3, 4)]
    assert numbering.append(transaction, draft("two", nonce="two")).place == 3
    assert transaction.fresh == {}
    assert (texts(connection), waiting(connection)) == (["one"], ["two"])
    assert rows.find(connection, "r1", "two") == (3, kept.event)
    acknowledged = rows.take_acknowledged(transaction, "r1", 3)
    numbering.mirror(transaction, "r1", acknowledged)
    assert (texts(connection), waiting(connection)) == (["one", "two"], [])
    assert transaction.head("r1").place == 4


def test_a_message_that_is_not_acknowledged_can_be_changed_by_its_author(connection: apsw.Connection) -> None:
    founded(connection, alone=False)
    transaction = Transaction(connection)
    numbering.append(transaction, draft("said", nonce="said"))
    edit = Draft("r1", "edit", ADA, Body(text="new", target="said"), "edit")
    assert numbering.append(transaction, edit).event.seq == 2
    with pytest.raises(NotYours):
        numbering.append(transaction, Draft("r1", "not", BOB, Body(target="said"), "deletion"))
    assert rows.changes(connection, "r1", "said") == 1
    numbering.append(transaction, Draft("r1", "gone", ADA, Body(target="said"), "deletion"))
    assert rows.is_deleted(connection, "r1", "said")
    assert rows.author(connection, "r1", "said") is None


def test_what_another_home_has_takes_the_place_of_what_was_here(connection: apsw.Connection) -> None:
    founded(connection, "one", alone=False)
    transaction = Transaction(connection)
    numbering.append(transaction, draft("mine", nonce="mine"))
    theirs = event(2, "theirs")
    rows.store(transaction, "r1", 1, [Logged(2, 2, turn=Turn(2, 2, 1)), Logged(3, 1, theirs)])
    kept = rows.load(connection, "r1")
    assert kept is not None
    assert (kept.turns, kept.tail) == ((Turn(2, 2, 1),), ((3, theirs),))
    assert waiting(connection) == ["mine"]
    numbering.mirror(transaction, "r1", rows.take_acknowledged(transaction, "r1", 3))
    assert texts(connection) == ["one", "theirs"]


def test_the_home_has_every_entry_in_order(connection: apsw.Connection) -> None:
    founded(connection, "one", "two", alone=False)
    numbering.append(Transaction(connection), draft("three", nonce="three"))
    entries = rows.entries(connection, "r1", 0, 4, 10_000)
    assert [entry.place for entry in entries] == [1, 2, 3, 4]
    assert [entry.event and entry.event.body.text for entry in entries] == ["one", "two", None, "three"]
    assert [entry.place for entry in rows.entries(connection, "r1", 2, 4, 1)] == [3]
    assert [entry.place for entry in rows.entries(connection, "r1", 0, 4, 1)] == [1]


def test_what_the_history_has_no_more_is_in_no_entry(connection: apsw.Connection) -> None:
    founded(connection, "one", "two", alone=True)
    connection.execute("DELETE FROM entry WHERE nonce = 'one'")
    assert rows.entries(connection, "r1", 0, 3, 10_000) == []
    assert len(rows.entries(connection, "r1", 1, 3, 10_000)) == 2


def test_a_home_begins_where_its_log_ends_and_nowhere_else(connection: apsw.Connection) -> None:
    founded(connection, "one", alone=False)
    transaction = Transaction(connection)
    numbering.append(transaction, draft("two", nonce="two"))
    rows.begin(transaction, "r1", 2, alone=False)
    kept = rows.load(connection, "r1")
    assert kept is not None
    assert [turn.place for turn in kept.turns] == [2, 3]
    assert (kept.tail, waiting(connection)) == ((), ["two"])
    with pytest.raises(JournalFailed, match="ends at 3"):
        rows.begin(transaction, "r1", 5, alone=False)


def test_votes_and_what_is_acknowledged_are_kept(connection: apsw.Connection) -> None:
    founded(connection, alone=True)
    rows.vote(Transaction(connection), "r1", 7, "other")
    rows.note(Transaction(connection), "r1", 1)
    kept = rows.load(connection, "r1")
    assert kept is not None
    assert (kept.term, kept.vote, kept.acknowledged) == (7, "other", 1)


def test_what_was_said_without_the_others_waits_for_their_home_with_its_time(connection: apsw.Connection) -> None:
    founded(connection, "one", "two", "three", alone=True)
    transaction = Transaction(connection)
    outbox.enqueue(transaction, draft("later", nonce="later"))
    times = {each.nonce: each.at for each in reading.after(connection, "r1", 0, 9)}
    assert rows.retreat(transaction, "r1", 1, 1)
    assert not rows.retreat(transaction, "r1", 1, 1)
    rows.drop(transaction, "r1")
    assert (texts(connection), waiting(connection)) == (["one"], ["two", "three", "later"])
    assert [each.at for _, each in outbox.waiting(connection, "r1", outbox.FIRST)] == [times["two"], times["three"], 0]
    assert (rows.load(connection, "r1"), transaction.tops, transaction.head("r1").last) == (None, {"r1": 1}, 1)
    again = [numbering.append(transaction, each) for _, each in outbox.waiting(connection, "r1", outbox.FIRST)]
    assert [(each.event.apart, each.event.nonce) for each in again] == [
        (True, "two"),
        (True, "three"),
        (False, "later"),
    ]
    assert again[0].event.at == times["two"]


def test_who_has_said_something_of_late_is_known(connection: apsw.Connection) -> None:
    numbering.append(Transaction(connection), draft("one"))
    found = [
        rows.has_said(connection, room, person) for room, person in (("r1", ADA.id), ("r1", BOB.id), ("r2", ADA.id))
    ]
    assert found == [True, False, False]
    for number in range(rows.RECENT):
        numbering.append(Transaction(connection), draft(str(number), author=BOB))
    assert not rows.has_said(connection, "r1", ADA.id)


def test_what_is_numbered_is_known_whether_it_is_acknowledged_or_not(connection: apsw.Connection) -> None:
    founded(connection, "one", alone=False)
    numbering.append(Transaction(connection), draft("two", nonce="two"))
    assert rows.known(connection, "r1", ["one", "two", "three"]) == {"one", "two"}
    assert rows.known(connection, "r2", ["one"]) == set()
