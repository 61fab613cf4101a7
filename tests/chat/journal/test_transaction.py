import apsw

from lanchat.chat.journal import keys, reading
from lanchat.chat.journal.search import search
from lanchat.chat.journal.transaction import Transaction
from tests.chat.journal.sayings import everything, say
from tests.chat.said import event


def test_what_was_kept_is_fresh_and_counts_for_the_top(transaction: Transaction) -> None:
    assert transaction.top("r1") == 0
    transaction.keep(event(1))
    assert (transaction.top("r1"), transaction.fresh) == (1, {"r1": [event(1)]})
    assert reading.top(transaction.connection, "r1") == 1


def test_events_go_with_their_words(connection: apsw.Connection, transaction: Transaction) -> None:
    say(connection, "word one", "word two", "word three")
    base = keys.base(connection, "r1")
    transaction.remove(base + 1, base + 2)
    assert [event.seq for event in everything(connection)] == [3]
    assert [hit.event.seq for hit in search(connection, "r1", "word", None, 9)] == [3]
