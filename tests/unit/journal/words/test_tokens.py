import apsw
import pytest

from lanchat.journal.words.tokens import Words, apart, expression


@pytest.fixture
def words(connection: apsw.Connection) -> Words:
    return Words(connection)


@pytest.mark.parametrize(
    "text", ["plain", "Grüße ÉCOLE", "你好世界 hello", "😀 a 👨‍👩‍👧 b", "กินข้าว", "a\x00b", "ἄνθρωπος", "हिन्दी", "👍🏽x"]
)
def test_the_index_and_a_search_cut_alike(words: Words, text: str) -> None:
    cut = [word for word, _, _ in words.tokens(text)]
    assert cut == [word for word, _, _ in words.tokens(apart(text))]
    assert all(words.phrases(word) == [(word,)] for word in cut), "a word of the index is found by itself"


def test_places_are_in_code_points(words: Words) -> None:
    text = "ü 😀x Ägypten 北京"
    assert [text[begin:end] for _, begin, end in words.tokens(text)] == ["ü", "😀", "x", "Ägypten", "北", "京"]


def test_what_is_typed_becomes_phrases(words: Words) -> None:
    assert words.phrases('foo-bar  "Baz" ... 北京') == [("foo", "bar"), ("baz",), ("北", "京")]
    assert words.phrases(" ! ") == []


def test_an_expression_holds_words_in_quotation_marks() -> None:
    assert expression([("foo", "bar"), ("or",)]) == '"foo bar" AND "or" *'


def test_marks_that_touch_or_overlap_are_one(words: Words) -> None:
    assert words.marks("北京北京", [("北", "京")]) == [(0, 4)]
    assert words.marks("aa aa aa", [("aa", "aa")]) == [(0, 8)]
    assert words.marks("one two one", [("one",)]) == [(0, 3), (8, 11)]
