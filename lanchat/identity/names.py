"""The rules for the names of rooms and people."""

import re
import unicodedata

from lanchat.errors import InvalidNick, InvalidRoomName

MAX_ROOM_NAME = 40
"""Longest name of a room, in characters (Unicode code points after NFC)."""
MAX_NICK = 24
"""Longest name of a person, in characters (Unicode code points after NFC)."""

_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_JOINERS = re.compile(r"(?<=[^\x00-\x7f\u200c\u200d])[\u200c\u200d](?=[^\x00-\x7f\u200c\u200d])")
_EMOJI = range(0x1F300, 0x1FB00)


def room_name(text: str) -> str:
    """Return the form in which a room's name is kept: NFC, single spaces. Names are case-sensitive.

    Raises:
        InvalidRoomName: nothing visible is left, it is too long, or it has control characters.
    """
    name = _line(text)
    if name is None:
        raise InvalidRoomName("A room's name cannot have control characters or invisible marks.")
    if not name:
        raise InvalidRoomName("The room's name is empty; it needs 1 to 40 visible characters.")
    if len(name) > MAX_ROOM_NAME:
        raise InvalidRoomName(f"The room's name has {len(name)} characters; the most is {MAX_ROOM_NAME}.")
    return name


def nick(text: str) -> str:
    """Return the form in which a person's name is shown: NFC, single spaces.

    Raises:
        InvalidNick: nothing visible is left, it is too long, or it has control characters.
    """
    name = _line(text)
    if name is None:
        raise InvalidNick("A name cannot have control characters or invisible marks.")
    if not name:
        raise InvalidNick("The name is empty; it needs 1 to 24 visible characters.")
    if len(name) > MAX_NICK:
        raise InvalidNick(f"The name has {len(name)} characters; the most is {MAX_NICK}.")
    return name


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
