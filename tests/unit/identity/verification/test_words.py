from itertools import combinations

from lanchat.identity.verification.words import WORDS, spoken


def test_there_is_a_word_for_each_byte() -> None:
    assert len(set(WORDS)) == len(WORDS) == 256
    assert list(WORDS) == sorted(WORDS)
    assert spoken(bytes(range(256))) == WORDS
    assert spoken(b"") == ()


def test_words_are_short_and_of_plain_letters() -> None:
    assert [word for word in WORDS if not (word.isascii() and word.isalpha() and word.islower())] == []
    assert [word for word in WORDS if not 3 <= len(word) <= 8] == []


def distance(one: str, other: str) -> int:
    """How many letters have to be added, removed or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        before, row[0] = row[0], index
        for place, wanted in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]


def test_no_word_is_heard_as_another() -> None:
    close = [pair for pair in combinations(WORDS, 2) if abs(len(pair[0]) - len(pair[1])) <= 1 and distance(*pair) <= 1]
    assert close == []
    assert distance("table", "cable") == 1
