import apsw
import msgspec
import pytest

from lanchat.errors import NoSuchMessage
from lanchat.journal import numbering, reading, rooms
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author, Mark, encode
from tests.support.journal.sayings import deletion, edit, named, reaction, say
from tests.support.rooms.said import ADA, draft, record


def test_pages_in_both_directions(connection: apsw.Connection, transaction: Transaction) -> None:
    for _ in range(10):
        numbering.append(transaction, draft())
    assert [event.seq for event in reading.after(connection, "r1", 3, 4)] == [4, 5, 6, 7]
    assert [event.seq for event in reading.before(connection, "r1", 8, 3)] == [5, 6, 7]
    assert [event.seq for event in reading.before(connection, "r1", 3, 50)] == [1, 2]
    assert reading.after(connection, "r1", 10, 50) == reading.before(connection, "r1", 1, 50) == []
    assert reading.after(connection, "r9", 0, 50) == []
    assert reading.top(connection, "r1") == 10
    assert reading.top(connection, "r9") == 0


def test_an_event_is_found_by_its_nonce(connection: apsw.Connection, transaction: Transaction) -> None:
    kept = numbering.append(transaction, draft(nonce="n")).event
    assert reading.find(connection, "r1", "n") == kept
    assert reading.find(connection, "r1", "m") is None
    assert reading.find(connection, "r2", "n") is None


def test_a_run_around_an_event(connection: apsw.Connection) -> None:
    say(connection, *map(str, range(1, 21)))

    def around(seq: int, limit: int) -> list[int]:
        return [event.seq for event in reading.around(connection, "r1", named(seq), limit)]

    assert around(10, 5) == [8, 9, 10, 11, 12]
    assert around(10, 4) == [8, 9, 10, 11]
    assert around(10, 1) == [10]
    assert around(2, 6) == [1, 2, 3, 4, 5, 6]
    assert around(20, 6) == [15, 16, 17, 18, 19, 20]
    assert around(10, 99) == list(range(1, 21))
    for room, nonce in (("r1", named(99)), ("r1", ""), ("r9", named(10))):
        with pytest.raises(NoSuchMessage):
            reading.around(connection, room, nonce, 3)


def test_no_number_reaches_another_room(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    say(connection, draft(room="r1", nonce="n"), draft(room="r2", nonce="n"))
    for seq in (0, 1, 2**40 - 1, 2**40, 2**40 + 1, 2**63 - 1):
        for run in (
            reading.before(connection, "r1", seq, 9),
            reading.after(connection, "r1", seq, 9),
        ):
            assert [event.room for event in run] in ([], ["r1"])
        assert (reading.mark(connection, "r1", seq) is not None) == (seq == 1)
    assert [event.room for event in reading.around(connection, "r2", "n", 9)] == ["r2"]


def test_the_mark_of_a_place(connection: apsw.Connection) -> None:
    [first, _] = say(connection, "one", "two")
    assert reading.mark(connection, "r1", 1) == Mark(first.nonce, first.at)
    assert reading.mark(connection, "r1", 3) is reading.mark(connection, "r9", 1) is None


def later(connection: apsw.Connection, first: int, last: int) -> list[int]:
    run = reading.after(connection, "r1", first - 1, last - first + 1)
    return [event.seq for event in reading.later(connection, "r1", run)]


def test_what_was_said_later_about_a_run_is_only_what_counts(connection: apsw.Connection) -> None:
    say(connection, "one", "two", edit(1, "uno"), "three", edit(1, "eins"), edit(1, "un"), reaction(2), edit(4, "drei"))
    assert later(connection, 1, 2) == [6, 7]
    assert later(connection, 1, 5) == [6, 7, 8]
    assert later(connection, 4, 4) == [8]
    assert later(connection, 1, 8) == []
    assert reading.later(connection, "r1", []) == []


def test_of_reactions_the_last_word_of_each_counts(connection: apsw.Connection) -> None:
    say(connection, "one", reaction(1, author=ADA), "two", reaction(1), reaction(1, "🎉"), reaction(1, off=True))
    assert later(connection, 1, 1) == [2, 5], "taken back again before the run's end is no news"
    say(connection, reaction(1, off=True, author=ADA))
    assert later(connection, 1, 2) == [5, 7], "what the run shows and was taken back later is"


def test_of_a_deleted_message_only_the_deletion_counts(connection: apsw.Connection) -> None:
    say(connection, "one", "two", edit(1, "uno"), reaction(1), deletion(1))
    assert later(connection, 1, 2) == [5]


def test_later_is_bounded(connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LATER", 3)
    say(connection, "one", *(reaction(1, f"{number}") for number in range(5)))
    assert later(connection, 1, 1) == [4, 5, 6]


def test_later_fits_into_bytes_and_says_when_it_is_not_whole(connection: apsw.Connection) -> None:
    [run, *_] = say(connection, "one", edit(1, "x" * 500), *(reaction(1, f"{number}") for number in range(5)))
    whole = reading.later_within(connection, "r1", [run], 5_000)
    assert ([event.seq for event in whole.events], whole.whole) == ([2, 3, 4, 5, 6, 7], True)
    size = sum(len(encode(event)) + 1 for event in whole.events)
    assert reading.later_within(connection, "r1", [run], size).whole
    part = reading.later_within(connection, "r1", [run], size - 1)
    assert ([event.seq for event in part.events], part.whole) == ([2, 4, 5, 6, 7], False), "the oldest reaction goes"
    assert reading.later_within(connection, "r1", [run], 0) == ([], False)
    [gone] = say(connection, deletion(1))
    assert reading.later_within(connection, "r1", [run], len(encode(gone)) + 1) == ([gone], True)


def test_the_oldest_event_of_a_room(connection: apsw.Connection) -> None:
    assert reading.oldest(connection, "r1") == reading.oldest(connection, "r9") == 1
    say(connection, "one", "two", "three")
    connection.execute("DELETE FROM entry WHERE key & 0xff < 3")
    assert reading.oldest(connection, "r1") == 3


def test_the_size_of_a_room_is_the_weight_of_its_events(connection: apsw.Connection, transaction: Transaction) -> None:
    assert reading.size(connection, "r1") == reading.size(connection, "r9") == 0
    numbering.append(transaction, draft("\x01" * 100))
    numbering.append(transaction, draft("\N{GRINNING FACE}" * 9, author=Author("\u00e9" * 64, "\u00e9" * 32)))
    numbering.append(transaction, msgspec.structs.replace(draft('{"change": "locked"}'), kind="rule"))
    events = reading.after(connection, "r1", 0, 9)
    assert len(events) == 3
    assert reading.size(connection, "r1") == sum(map(reading.weight, events))
