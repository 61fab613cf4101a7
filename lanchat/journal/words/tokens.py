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

MOST_MARKS = 64
"""Most ranges that are marked in one text."""

_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u2600-\u27bf\U0001f000-\U0001faff"  # emoji
)
_LETTER, _PIECE = f"[{_ALONE}]", f"[{_ALONE}]|[^{_ALONE}]+"  # compiled when they are needed, which takes 9 ms

Token = tuple[str, int, int]
"""A word as it is compared, and where it begins and ends in the text, in code points."""
Phrase = tuple[str, ...]
"""Words that stand one behind the other."""


def apart(text: str) -> str:
    """Return a text for the index: with spaces around the characters that are a word each."""
    return text if text.isascii() else re.sub(_LETTER, r" \g<0> ", text)


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
        for piece in re.finditer(_PIECE, text):
            yield from self._tokens(piece.group(), piece.start())

    def phrases(self, text: str) -> list[Phrase]:
        """Return what somebody who typed this looks for; what has no letter, digit or symbol in it is left out."""
        cut = (tuple(word for word, _, _ in self.tokens(part)) for part in text.split())
        return [phrase for phrase in cut if phrase]

    def marks(self, text: str, phrases: Sequence[Phrase]) -> list[tuple[int, int]]:
        """Return where in a text the phrases stand, the last word of the last one as a beginning of a word.

        The ranges are in code points, ascending, and apart from each other; at most the first MOST_MARKS of them.
        """
        beginning = phrases[-1]
        exact: dict[str, list[Phrase]] = {}
        for phrase in phrases[:-1]:
            exact.setdefault(phrase[-1], []).append(phrase)
        seen: list[Token] = []
        marks: list[tuple[int, int]] = []
        for token in self.tokens(text):
            seen.append(token)
            ending = [phrase for phrase in exact.get(token[0], ()) if _ends(seen, phrase)]
            if token[0].startswith(beginning[-1]) and _ends(seen, beginning):
                ending.append(beginning)
            for phrase in ending:
                begin = seen[-len(phrase)][1]
                while marks and begin <= marks[-1][1]:
                    begin = min(begin, marks.pop()[0])
                marks.append((begin, token[2]))
            if len(marks) > MOST_MARKS:
                break
        return marks[:MOST_MARKS]

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


def _ends(seen: Sequence[Token], phrase: Phrase) -> bool:
    """Return whether the words so far end with a phrase, of whose last word that is known already."""
    size = len(phrase)
    return size == 1 or (len(seen) >= size and tuple(word for word, _, _ in seen[-size:-1]) == phrase[:-1])
