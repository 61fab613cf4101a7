from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.errors import SearchTooLong, SearchTooSlow
from lanchat.journal import numbering, reading, rooms
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from lanchat.journal.words.search import Findings, Query, search
from lanchat.journal.words.tokens import MOST_MARKS
from lanchat.protocol import MAX_SENT, Found, Hit, encode
from tests.support.journal.sayings import deletion, edit, matches, reaction, say
from tests.support.rooms.said import draft, record


def hits(connection: apsw.Connection, text: str, before: int | None = None, limit: int = 50) -> list[Hit]:
    index.follow(connection, 100_000)
    return matches(connection, "r1", text, before, limit)


def found(connection: apsw.Connection, text: str) -> list[int]:
    return [hit.event.seq for hit in hits(connection, text)]


def marked(connection: apsw.Connection, text: str) -> list[list[str]]:
    return [[hit.event.body.text[begin:end] for begin, end in hit.marks] for hit in hits(connection, text)]


def test_all_words_and_the_beginning_of_the_last_the_newest_first(connection: apsw.Connection) -> None:
    say(connection, "coffee at ten", "no tea, coffee", "Coffee or tea?", "coffeehouse", "teapot and coffee")
    assert found(connection, "coffee") == [5, 4, 3, 2, 1]
    assert found(connection, "coffee te") == [5, 3, 2, 1]
    assert found(connection, "te coffee") == [], "only the last word may be a beginning"
    assert found(connection, "coffee xyz") == []
    marks = [["teapot", "coffee"], ["Coffee", "tea"], ["tea", "coffee"], ["coffee", "ten"]]
    assert marked(connection, "coffee te") == marks


def test_pages_of_hits(connection: apsw.Connection) -> None:
    say(connection, *["again"] * 10)
    assert [hit.event.seq for hit in hits(connection, "again", limit=3)] == [10, 9, 8]
    assert [hit.event.seq for hit in hits(connection, "again", before=8, limit=3)] == [7, 6, 5]
    assert hits(connection, "again", before=1) == hits(connection, "again", before=0) == []
    assert len(hits(connection, "again", before=2**62)) == 10


@pytest.mark.parametrize(
    ("said", "typed", "mark"),
    [
        ("Grüße aus Köln", "koln", "Köln"),
        ("Ko\u0308ln", "köl", "Ko\u0308ln"),
        ("ПРИВЕТ, мир", "привет", "ПРИВЕТ"),
        ("我们明天去北京吃饭", "北京", "北京"),
        ("明日は東京へ行きます", "東京", "東京"),
        ("วันนี้อากาศดี", "อากาศ", "อากาศ"),
        ("हिन्दी में", "हिन्दी", "हिन्दी"),
        ("nice 👍🎉 work", "🎉", "🎉"),
        ("that's it", "that's", "that's"),
        ("see foo-bar.py", "foo-b", "foo-bar"),
        ("😀😀 then a word", "word", "word"),
        ("a\x00b", "b", "b"),
    ],
)
def test_words_of_all_scripts(connection: apsw.Connection, said: str, typed: str, mark: str) -> None:
    say(connection, "something else", said)
    assert found(connection, typed) == [2]
    assert marked(connection, typed) == [[mark]]


def test_a_word_of_parts_is_found_where_they_follow_each_other(connection: apsw.Connection) -> None:
    say(connection, "京北", "bar foo", "foo, bar")
    assert found(connection, "北京") == []
    assert found(connection, "foo-bar") == [3]
    assert found(connection, "foo bar") == [3, 2]


SYNTAX = (
    ["", " ", "!?", '"', "*", "'", "a* OR b", "NEAR(a b)", "text: hello", "-hello", "^hello", "a AND NOT b", "(", "%"],
    ['"; DROP TABLE entry; --', "{text}:x", "\x00", "\ud83d", ") OR (", "+", "hello*", '"hello"', "NOT"],
)


@pytest.mark.parametrize("typed", [typed for line in SYNTAX for typed in line])
def test_what_is_typed_is_never_syntax(connection: apsw.Connection, typed: str) -> None:
    say(connection, "plain words")
    assert hits(connection, typed) == []
    say(connection, typed.replace("\ud83d", "x") + " hello")
    assert found(connection, typed + " hello") == [2]


@given(st.text(max_size=40), st.text(max_size=12))
@settings(deadline=None, max_examples=80)
def test_nothing_that_is_typed_does_harm_and_marks_lie_in_the_text(said: str, typed: str) -> None:
    connection = open_writer(Path(":memory:"))
    rooms.put_room(Transaction(connection), record())
    said = said.encode("utf-8", "ignore").decode() + " " + typed.encode("utf-8", "ignore").decode()
    say(connection, said)
    for hit in hits(connection, typed):
        assert hit.marks
        assert all(0 <= begin < end <= len(said) for begin, end in hit.marks)
        assert hit.marks == sorted(hit.marks)
    connection.close()


def test_a_message_is_found_as_it_reads_now(connection: apsw.Connection) -> None:
    say(connection, "first draft", edit(1, "second version"), edit(1, "final words"), reaction(1))
    assert found(connection, "draft") == found(connection, "second") == []
    [hit] = hits(connection, "final")
    assert (hit.event.seq, hit.event.kind, hit.event.body.text) == (1, "message", "final words")
    assert hit.marks == [(0, 5)]


def test_a_deleted_message_is_not_found(connection: apsw.Connection) -> None:
    say(connection, "secret one", "secret two", edit(1, "secret uno"), deletion(1))
    assert found(connection, "secret") == [2]


def test_a_mirror_finds_what_its_home_says(connection: apsw.Connection) -> None:
    say(connection, "one fish", "two fish", edit(1, "one bird"), deletion(2))
    rooms.put_room(Transaction(connection), record("r2"))

    copied = [msgspec.structs.replace(item, room="r2") for item in reading.after(connection, "r1", 0, 9)]
    numbering.mirror(Transaction(connection), "r2", copied)
    index.follow(connection, 100)
    assert [hit.event.seq for hit in matches(connection, "r2", "bird")] == [1]
    assert matches(connection, "r2", "fish") == []


def test_a_room_finds_its_own_only(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    say(connection, draft("ours"), draft("ours", room="r2"))
    assert [(hit.event.room, hit.event.seq) for hit in hits(connection, "ours")] == [("r1", 1)]
    assert matches(connection, "nowhere", "ours") == []


# What a search may cost -----------------------------------------------------------------------------------------------


def look(
    connection: apsw.Connection, text: str, limit: int = 500, over: Callable[[], bool] = lambda: False
) -> Findings:
    index.follow(connection, 100_000)
    return search(connection, Query("r1", text, None, limit, 16), over)


@pytest.mark.parametrize(
    "text", [" ".join("abcdefghijklmnopq"), "-".join("a" * 65), "字" * 65], ids=["words", "parts", "characters"]
)
def test_a_search_has_only_so_many_words(connection: apsw.Connection, text: str) -> None:
    say(connection, "a")
    with pytest.raises(SearchTooLong, match="the most is 16"):
        look(connection, text)
    assert look(connection, " ".join("abcdefghijklmnop")) == ([], False)
    assert look(connection, "字" * 64) == ([], False)


def test_a_text_is_marked_in_only_so_many_places(connection: apsw.Connection) -> None:
    say(connection, "a b " * 1_000)
    [hit] = look(connection, "b a").hits
    assert hit.marks == [(2 * number, 2 * number + 1) for number in range(MOST_MARKS)]


def test_an_answer_is_one_frame_and_goes_on_below(connection: apsw.Connection) -> None:
    say(connection, *[f"soup \x01{chr(1) * 3_900}"] * 40)
    found = look(connection, "soup")
    assert 1 < len(found.hits) < 40
    assert found.more
    assert len(encode(Found(room="r1", hits=found.hits, more=True))) <= MAX_SENT
    assert look(connection, "soup", limit=5).more
    assert not search(connection, Query("r1", "soup", 3, 5, 16), lambda: False).more


def test_a_search_ends_when_its_time_is_over(connection: apsw.Connection) -> None:
    say(connection, "spoon", *(reaction(1, off=bool(number % 2)) for number in range(1_000)), *["soup"] * 3)
    with pytest.raises(SearchTooSlow):
        look(connection, "spoon", over=lambda: True)
    left = iter([False])
    found = look(connection, "soup", over=lambda: next(left, True))
    assert (len(found.hits), found.more) == (2, True)
    assert len(look(connection, "soup").hits) == 3, "the connection serves the next one"
