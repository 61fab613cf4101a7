import apsw

from lanchat.journal import numbering, outbox
from lanchat.journal.records import Kept
from lanchat.journal.transaction import Transaction
from tests.support.rooms.said import ADA, BOB, draft, event


def test_the_outbox_keeps_the_order_and_gives_what_lies_behind_a_place(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    drafts = [draft(author=author) for author in (ADA, BOB, ADA)]
    for item in drafts:
        assert outbox.enqueue(transaction, item) is None
    left = outbox.waiting(connection, "r1", 0)
    assert [item for _, item in left] == drafts
    places = [place for place, _ in left]
    assert places == sorted(set(places))
    assert outbox.waiting(connection, "r1", places[1]) == left[2:]
    assert outbox.waiting(connection, "r1", places[2]) == []


def test_a_draft_lies_in_the_outbox_once_and_at_its_first_place(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    first, second = draft(), draft()
    for item in (first, second, first):
        outbox.enqueue(transaction, item)
    assert [item for _, item in outbox.waiting(connection, "r1", 0)] == [first, second]


def test_a_place_is_never_given_twice(connection: apsw.Connection, transaction: Transaction) -> None:
    outbox.enqueue(transaction, draft(nonce="n"))
    [(before, _)] = outbox.waiting(connection, "r1", 0)
    outbox.dequeue(connection, "r1", "n")
    outbox.enqueue(transaction, draft())
    [(after, _)] = outbox.waiting(connection, "r1", 0)
    assert after > before


def test_the_homes_event_takes_its_draft_out_of_the_outbox(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    for nonce in ("n1", "n2", "n3"):
        outbox.enqueue(transaction, draft(nonce=nonce))
    numbering.mirror(transaction, "r1", [event(1, nonce="n2")])
    assert [item.nonce for _, item in outbox.waiting(connection, "r1", 0)] == ["n1", "n3"]


def test_what_the_home_has_numbered_does_not_go_out_again(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    numbering.mirror(transaction, "r1", [event(1, nonce="n1")])
    assert outbox.enqueue(transaction, draft(nonce="n1")) == Kept(event(1, nonce="n1"), fresh=False)
    assert outbox.waiting(connection, "r1", 0) == []
