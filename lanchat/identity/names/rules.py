"""The rules for the names of rooms and people."""

import re
import unicodedata

from lanchat.errors import InvalidFrame, InvalidNick, InvalidRoomName, LanchatError
from lanchat.protocol import MAX_TOPIC

MAX_ROOM_NAME = 40
"""Longest name of a room, in characters (Unicode code points after NFC)."""
MAX_NICK = 24
"""Longest name of a person, in characters (Unicode code points after NFC)."""

MAX_NODE_NAME = 64
"""Longest name of a node, in characters (Unicode code points after NFC)."""
MAX_ID = 64
"""Longest id of a person, a node or a room, in characters."""
MAX_MARKS = 2
"""Most marks on one letter; signs that belong to the letter, such as a nukta, are not counted."""
MAX_TIBETAN_MARKS = 4
"""Most marks on one Tibetan letter: that script writes letters under letters."""
NOBODY = "Someone"
"""Who has no name that can be shown."""

_PERSON_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_JOINERS = re.compile(r"(?<=[^\x00-\x7f\u200c\u200d])[\u200c\u200d](?=[^\x00-\x7f\u200c\u200d])")
_EMOJI = range(0x1F300, 0x1FB00)
_TIBETAN = range(0x0F00, 0x1000)
_OF_THE_LETTER = frozenset({7, 9})
"""Combining classes of nuktas and viramas: what they make is another letter, and not a higher one."""


def room_name(text: str) -> str:
    """Return the form in which a room's name is kept: NFC, single spaces. Names are case-sensitive.

    Raises:
        InvalidRoomName: nothing visible is left, it is too long, it has control characters, or piles up marks.
    """
    return _checked(text, "A room's name", MAX_ROOM_NAME, InvalidRoomName)


def nick(text: str) -> str:
    """Return the form in which a person's name is shown: NFC, single spaces.

    Raises:
        InvalidNick: nothing visible is left, it is too long, it has control characters, or piles up marks.
    """
    return _checked(text, "A name", MAX_NICK, InvalidNick)


def topic(text: str) -> str:
    """Return the form in which a room's topic is kept: NFC, single spaces; it may be empty.

    Raises:
        InvalidFrame: it is too long, has control characters, or piles up marks.
    """
    return _checked(text, "A topic", MAX_TOPIC, InvalidFrame) if text.strip() else ""


def tidy(text: str) -> str:
    """Return a person's name as it may be shown, whoever allowed it: what `nick` refuses is replaced or cut off."""
    try:
        return nick(text)
    except InvalidNick:
        return _shown(text, MAX_NICK) or NOBODY


def node_name(text: str) -> str:
    """Return a node's name as it may be shown: one line of at most MAX_NODE_NAME characters, all of them visible."""
    return _shown(text, MAX_NODE_NAME) or "lanchat"


def tame(text: str) -> str:
    """Return a text without the marks that pile up beyond what a letter carries, and reach into the lines around it."""
    kept: list[str] = []
    stack: list[str] = []
    most = MAX_MARKS
    for letter in text:
        if unicodedata.category(letter) not in {"Mn", "Me"}:
            stack, most = [], MAX_TIBETAN_MARKS if ord(letter) in _TIBETAN else MAX_MARKS
        elif letter in stack or sum(unicodedata.combining(mark) not in _OF_THE_LETTER for mark in stack) >= most:
            continue
        else:
            stack.append(letter)
        kept.append(letter)
    return "".join(kept)


def seen(letter: str) -> str:
    """Return a character, or `\ufffd` in place of one that this Python's Unicode does not know yet."""
    return "\ufffd" if unicodedata.category(letter) == "Cn" else letter


def is_person_id(text: str) -> bool:
    """Return whether a person may be known by this id: 8 to 64 letters, digits, `_` or `-`."""
    return _PERSON_ID.fullmatch(text) is not None


def _checked(text: str, what: str, most: int, refusal: type[LanchatError]) -> str:
    """Return a name as it is kept. Raises `refusal`, which says what is wrong with it."""
    name = _line(text)
    if name is None:
        raise refusal(f"{what} cannot have control characters or invisible marks.")
    if name != tame(name):
        raise refusal(f"{what} carries at most {MAX_MARKS} marks on a letter, and each once.")
    if not name:
        raise refusal(f"{what} is empty; it needs 1 to {most} visible characters.")
    if len(name) > most:
        raise refusal(f"{what} has {len(name)} characters; the most is {most}.")
    return name


def _shown(text: str, most: int) -> str:
    line = tame(_SPACES.sub(" ", unicodedata.normalize("NFC", text[: 2 * most])).strip())
    if len(line) <= most and _line(line):
        return line
    shown = "".join("\ufffd" if _invisible(letter) else letter for letter in line)[:most].strip()
    return _line(shown) or ""


def _line(text: str) -> str | None:
    """Return one tidy line, or None when it holds what nobody can see (bidi marks, controls, surrogates, fillers).

    The two joiners are let be between characters that they can join: emoji and many scripts are written with them.
    """
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if any(_invisible(character) for character in _JOINERS.sub("", name)):
        return None
    return name if any(unicodedata.category(character)[0] not in "MZ" for character in name) else ""


def _invisible(character: str) -> bool:
    if ord(character) in _EMOJI:
        return False  # newer than this Python's Unicode, perhaps
    return character in _BLANK or unicodedata.category(character) in _INVISIBLE
