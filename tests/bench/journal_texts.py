"""Texts as people write them: a vocabulary in which few words are frequent and most are rare, and queries for it."""

import itertools
import random
from collections.abc import Iterator

SEED = 20_000_101
_WORDS = 30_000
_SYLLABLES = tuple(begin + end for begin in ("ch", "tr", *"bdfghklmnprstvw") for end in ("ai", "ou", *"aeiou"))
_LENGTHS = (9, 10, 12, 13, 14, 15, 17, 19)
"""Words in a text: with the words below, 60 to 120 characters in most of them."""
_AT_ONCE = 4_096

QUERIES = 20
"""Queries of each kind."""


def vocabulary() -> list[str]:
    """Return the words, the most frequent first: short ones are frequent, as in Zipf's law of abbreviation."""
    dice = random.Random(SEED)
    words: dict[str, None] = {}
    while len(words) < _WORDS:
        longest = 1 + min(3, len(words) // 60)
        words["".join(dice.choices(_SYLLABLES, k=dice.randint(min(2, longest), longest)))] = None
    return list(words)


def texts() -> Iterator[str]:
    """Return texts without end, always the same ones; the word of rank n is in them n times rarer than the first."""
    dice = random.Random(SEED)
    words = vocabulary()
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    while True:
        lengths = dice.choices(_LENGTHS, k=_AT_ONCE)
        drawn = iter(dice.choices(words, cum_weights=weights, k=sum(lengths)))
        for length in lengths:
            yield " ".join(itertools.islice(drawn, length))


def queries() -> dict[str, list[str]]:
    """Return what people look for, by kind."""
    dice = random.Random(SEED)
    words = vocabulary()
    often, sometimes, seldom = words[:100], words[500:3_000], words[15_000:]
    some = [(dice.choice(often), dice.choice(sometimes), dice.choice(seldom)) for _ in range(QUERIES)]
    return {
        "a rare word": [rare for _, _, rare in some],
        "a word now and then": [middle for _, middle, _ in some],
        "a frequent word": [frequent for frequent, _, _ in some],
        "a beginning of 1 to 4 letters": [
            word[: 1 + number % 4] for number, word in enumerate(dice.choices(words[100:], k=QUERIES))
        ],
        "two frequent words": [f"{frequent} {dice.choice(often)}" for frequent, _, _ in some],
        "a frequent and a rare word": [f"{frequent} {rare}" for frequent, _, rare in some],
        "a word and a beginning": [f"{middle} {dice.choice(often)[:2]}" for _, middle, _ in some],
    }
