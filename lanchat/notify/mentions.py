"""Who is mentioned in a text: `@Nick`. Pure; the page marks mentions by the same rule (tests/cases/mentions.json)."""

from collections.abc import Iterable

from lanchat.protocol import Author

MOST_SIGNS = 100
"""How many `@` of a text are looked at; those behind them mention nobody."""


def mentioned(text: str, people: Iterable[Author]) -> set[str]:
    """Return the ids of those whom a text mentions by their whole nick, in any case.

    Where one nick is the beginning of another, the longest that fits is meant. An `@` inside a word mentions nobody,
    and neither does a nick that goes on as a longer word. People who have the same nick are all mentioned.
    """
    if "@" not in text:
        return set()
    by_nick: dict[str, set[str]] = {}
    lengths: set[int] = set()
    for person in people:
        by_nick.setdefault(person.nick.casefold(), set()).add(person.id)
        lengths.add(len(person.nick))
    found: set[str] = set()
    longest_first = sorted(lengths, reverse=True)
    first_letters = {nick[:1] for nick in by_nick}
    at = -1
    for _ in range(MOST_SIGNS):
        at = text.find("@", at + 1)
        if at < 0:
            break
        if text[at + 1 : at + 2].casefold()[:1] in first_letters and not _in_word(text[at - 1 : at] if at else ""):
            found |= _mentioned_at(text, at + 1, by_nick, longest_first)
    return found


def _mentioned_at(text: str, begin: int, by_nick: dict[str, set[str]], lengths: list[int]) -> set[str]:
    for length in lengths:
        end = begin + length
        nick = text[begin:end].casefold()
        if nick in by_nick and not _in_word(text[end : end + 1]):
            return by_nick[nick]
    return set()


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
