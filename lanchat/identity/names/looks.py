"""Which names look alike, and which mix scripts (RFC 8266; UTS #39, sections 4 and 5.1). Pure.

The bidirectional part of UTS #39 is left out: no name has marks that change a direction.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from lanchat.identity.names.confusables import PAIRS

if TYPE_CHECKING:
    from precis_i18n.profile import Profile

_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What has no look of its own (Default_Ignorable_Code_Point)."""
_LATIN_AND = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
"""The scripts that people write in one word ("highly restrictive"), by how the names of their letters begin."""


@lru_cache(maxsize=4_096)
def keys(name: str) -> frozenset[str]:
    """Return by what a name is compared: two names look alike when they have one of these in common.

    There are two, because letters look alike in one case only: `Iana` is `iana` in another case, and looks like `lana`.
    """
    shown = " ".join(unicodedata.normalize("NFKC", _IGNORED.sub("", name)).split())
    return frozenset({_skeleton(shown), _skeleton(_mapped(shown))})


def alike(one: str, other: str) -> bool:
    """Return whether somebody could take one name for the other."""
    return not keys(one).isdisjoint(keys(other))


def lookalikes(named: Iterable[tuple[str, str]]) -> set[str]:
    """Return the ids of those whose name looks like that of another one.

    Args:
        named: pairs of an id and a name.
    """
    bearers: dict[str, list[str]] = {}
    for identity, name in named:
        for key in keys(name):
            bearers.setdefault(key, []).append(identity)
    return {identity for ids in bearers.values() if len(ids) > 1 for identity in ids}


def mixes_scripts(name: str) -> bool:
    """Return whether a word of the name has letters of scripts that are not written in one word.

    Words count one by one, because a person may well have a name in two scripts, one behind the other.
    """
    return any(not _is_one_script(word) for word in _words(unicodedata.normalize("NFKC", name)))


def _mapped(shown: str) -> str:
    """Return the name as RFC 8266 compares it; what that profile refuses, such as newer emoji, just in lower case."""
    try:
        return str(_profile().enforce(shown))
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKC", shown.lower())


def _skeleton(text: str) -> str:
    table = _table()
    seen = "".join(table.get(letter, letter) for letter in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", seen.lower())


@cache
def _profile() -> "Profile":
    # Loaded when the first names are compared: nobody needs it before.
    from precis_i18n import get_profile  # noqa: PLC0415

    return get_profile("NicknameCaseMapped")


@cache
def _table() -> dict[str, str]:
    pairs = (pair.split(":") for pair in PAIRS.split())
    return {chr(int(source, 16)): "".join(chr(int(point, 16)) for point in shown.split("+")) for source, shown in pairs}


def _words(name: str) -> list[list[str]]:
    words: list[list[str]] = [[]]
    for letter in name:
        kind = unicodedata.category(letter)
        if kind[0] not in "LM":
            words.append([])
        elif kind not in {"Lm", "Mn", "Mc", "Me"}:
            words[-1].append(letter)
    return words


def _is_one_script(word: list[str]) -> bool:
    scripts = {_script(letter) for letter in word}
    return len(scripts) <= 1 or any(scripts <= together for together in _LATIN_AND)


def _script(letter: str) -> str:
    """Return how the name of a letter begins, which says its script: `CYRILLIC SMALL LETTER A`."""
    return unicodedata.name(letter, "").partition(" ")[0]
