"""What a word is: how a text is cut for the index, and what of it a search finds.

SQLite's tokenizer unicode61 folds case and diacritics and takes a run of letters, marks, digits and symbols as a word
(https://sqlite.org/fts5.html#unicode61_tokenizer). Scripts that put no spaces between words, and emoji, are cut into
single characters here, so that any part of a run can be found as a phrase.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

import apsw

TOKENIZER = ("unicode61", "remove_diacritics", "2", "categories", "L* M* N* Co So")
"""The name of SQLite's tokenizer and its arguments."""

_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u2600-\u27bf\U0001f000-\U0001faff"  # emoji
)
_alone = re.compile(f"[{_ALONE}]")
_pieces = re.compile(f"[{_ALONE}]|[^{_ALONE}]+")

Token = tuple[str, int, int]
"""A word as it is compared, and where it begins and ends in the text, in code points."""
Phrase = tuple[str, ...]
"""Words that stand one behind the other."""


def apart(text: str) -> str:
    """Return a text for the index: with spaces around the characters that are a word each."""
    return text if text.isascii() else _alone.sub(r" \g<0> ", text)


class Words:
    """Cuts texts as the index does.

    Args:
        connection: any connection; SQLite's tokenizer belongs to one.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        cut = connection.fts5_tokenizer(TOKENIZER[0], list(TOKENIZER[1:]))
        self._cut = cast("Callable[[bytes, int, None], Iterable[tuple[int, int, str]]]", cut)

    def tokens(self, text: str) -> Iterator[Token]:
        """Return the words of a text in order."""
        for piece in _pieces.finditer(text):
            yield from self._tokens(piece.group(), piece.start())

    def phrases(self, text: str) -> list[Phrase]:
        """Return what somebody who typed this looks for; what has no letter, digit or symbol in it is left out."""
        cut = (tuple(word for word, _, _ in self.tokens(part)) for part in text.split())
        return [phrase for phrase in cut if phrase]

    def marks(self, text: str, phrases: Sequence[Phrase]) -> list[tuple[int, int]]:
        """Return where in a text the phrases stand, the last word of the last one as a beginning of a word.

        The ranges are in code points, ascending, and apart from each other.
        """
        tokens = list(self.tokens(text))
        found = sorted(
            {
                place
                for number, phrase in enumerate(phrases, 1)
                for place in _places(tokens, phrase, number == len(phrases))
            }
        )
        marks: list[tuple[int, int]] = []
        for begin, end in found:
            if marks and begin <= marks[-1][1]:
                marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
            else:
                marks.append((begin, end))
        return marks

    def _tokens(self, piece: str, start: int) -> Iterator[Token]:
        data = piece.encode("utf-8", "replace")
        place, at = start, 0
        for begin, end, word in self._cut(data, apsw.FTS5_TOKENIZE_DOCUMENT, None):
            first = place + len(data[at:begin].decode("utf-8", "replace"))
            place, at = first + len(data[begin:end].decode("utf-8", "replace")), end
            yield word, first, place


def expression(phrases: Sequence[Phrase]) -> str:
    """Return the FTS5 expression for all phrases, the last word as a beginning. Words hold no quotation marks."""
    return " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases) + " *"


def _places(tokens: Sequence[Token], phrase: Phrase, beginning: bool) -> Iterator[tuple[int, int]]:
    size = len(phrase)
    for start in range(len(tokens) - size + 1):
        run = tokens[start : start + size]
        *firsts, last = (word for word, _, _ in run)
        if tuple(firsts) == phrase[:-1] and (last.startswith(phrase[-1]) if beginning else last == phrase[-1]):
            yield run[0][1], run[-1][2]
