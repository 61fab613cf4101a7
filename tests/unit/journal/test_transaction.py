import apsw
import msgspec
import pytest

from lanchat.errors import NoSuchRoom
from lanchat.journal import keys, reading, rooms
from lanchat.journal.transaction import Head, Transaction
from tests.support.journal.sayings import everything, matches, say
from tests.support.rooms.said import event, record


def test_what_was_kept_is_fresh_and_counts_for_the_top(transaction: Transaction) -> None:
    assert transaction.head("r1").top == 0
    assert transaction.keep(event(1))
    assert (transaction.head("r1").top, transaction.fresh) == (1, {"r1": [event(1)]})
    assert reading.top(transaction.connection, "r1") == 1


def test_a_nonce_that_the_room_knows_is_not_kept_again(transaction: Transaction) -> None:
    transaction.keep(event(1, nonce="n"))
    assert not transaction.keep(event(2, nonce="n"))
    assert (transaction.head("r1").top, transaction.fresh) == (1, {"r1": [event(1, nonce="n")]})


def test_the_head_is_that_of_the_room_as_it_is_now(connection: apsw.Connection, transaction: Transaction) -> None:
    say(connection, "one", "two")
    before = transaction.head("r1")
    rooms.put_room(transaction, msgspec.structs.replace(record(), term=2))
    assert transaction.head("r1") == Head(before.base, 2, 2, 2)
    rooms.renew_room(transaction, record())
    assert transaction.head("r1").top == 0
    assert transaction.head("r1").base > before.base
    rooms.delete_room(transaction, "r1")
    with pytest.raises(NoSuchRoom):
        transaction.head("r1")


def test_events_go_with_their_words(connection: apsw.Connection, transaction: Transaction) -> None:
    say(connection, "word one", "word two", "word three")
    base = keys.base(connection, "r1")
    transaction.remove(base + 1, base + 2)
    assert [event.seq for event in everything(connection)] == [3]
    assert [hit.event.seq for hit in matches(connection, "r1", "word")] == [3]
