"""Who is mentioned in a text: `@Nick`. Pure; the page marks mentions by the same rule (tests/cases/mentions.json)."""

from collections.abc import Iterable

from lanchat.protocol import Author

MOST_SIGNS = 100
"""How many `@` of a text are looked at; those behind them mention nobody."""


class Nicks:
    """The nicks of people, for as many texts as mention them. Nobody is looked at before a text has the sign.

    Args:
        people: whom a text may mention; they may come twice.
    """

    def __init__(self, people: Iterable[Author]) -> None:
        self._people = people
        self._by_nick: dict[str, set[str]] = {}
        self._first_letters: set[str] = set()
        self._longest_first: list[int] = []

    def mentioned(self, text: str) -> set[str]:
        """Return the ids of those whom a text mentions by their whole nick, in any case.

        Where one nick is the beginning of another, the longest that fits is meant. An `@` inside a word mentions
        nobody, and neither does a nick that goes on as a longer word. People who have the same nick are all mentioned.
        """
        found: set[str] = set()
        if "@" not in text:
            return found
        self._look()
        at = -1
        for _ in range(MOST_SIGNS):
            at = text.find("@", at + 1)
            if at < 0:
                break
            first = text[at + 1 : at + 2].casefold()[:1]
            if first in self._first_letters and not _in_word(text[at - 1 : at] if at else ""):
                found |= self._mentioned_at(text, at + 1)
        return found

    def _look(self) -> None:
        lengths: set[int] = set()
        for person in self._people:
            self._by_nick.setdefault(person.nick.casefold(), set()).add(person.id)
            lengths.add(len(person.nick))
        self._people = ()
        if lengths:
            self._first_letters = {nick[:1] for nick in self._by_nick}
            self._longest_first = sorted(lengths, reverse=True)

    def _mentioned_at(self, text: str, begin: int) -> set[str]:
        for length in self._longest_first:
            end = begin + length
            nick = text[begin:end].casefold()
            if nick in self._by_nick and not _in_word(text[end : end + 1]):
                return self._by_nick[nick]
        return set()


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
