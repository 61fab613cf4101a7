"""The index follows the events in their order, and can be made anew from them."""

import apsw

from lanchat.journal import rooms
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from tests.support.journal.sayings import append, deletion, edit, reaction
from tests.support.rooms.said import draft, record


def words(connection: apsw.Connection, word: str) -> list[int]:
    return [key & 0xFF for (key,) in connection.execute("SELECT rowid FROM word WHERE word MATCH ?", (word,))]


WORDS = ("one", "uno", "eins", "two", "three")


def test_the_index_reads_as_the_messages_do_now(connection: apsw.Connection) -> None:
    append(connection, "one", "two", "three", edit(1, "uno"), edit(1, "eins"), deletion(2), reaction(3))
    assert index.follow(connection, 100) == 7
    assert [words(connection, word) for word in WORDS] == [[], [], [1], [], [3]]
    assert index.follow(connection, 100) == 0


def test_it_follows_in_steps_and_across_rooms(connection: apsw.Connection) -> None:
    append(connection, "one", "two", edit(1, "uno"))
    rooms.put_room(Transaction(connection), record("r2"))
    append(connection, draft("one", room="r2"))
    steps = []
    while done := index.follow(connection, 2):
        steps.append(done)
    assert sum(steps) == 4
    assert max(steps) == 2
    assert [len(words(connection, word)) for word in WORDS] == [1, 1, 0, 1, 0]


def test_it_can_be_made_anew_from_the_events(connection: apsw.Connection) -> None:
    append(connection, "one", "two", "three", edit(1, "uno"), deletion(2))
    index.follow(connection, 100)
    before = [words(connection, word) for word in WORDS]
    connection.execute("DROP TABLE word")
    connection.execute("DELETE FROM noted")
    index.create(connection)
    index.follow(connection, 100)
    assert [words(connection, word) for word in WORDS] == before


def test_words_are_dropped_with_their_messages(connection: apsw.Connection) -> None:
    append(connection, "one", "two")
    index.follow(connection, 100)
    base = 1 << 40
    index.drop(connection, base, base + 1)
    assert (words(connection, "one"), words(connection, "two")) == ([], [2])
    index.drop(connection, base + 5, base + 9)
