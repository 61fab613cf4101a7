"""What a message may hold, and how large it is."""

from typing import Any

from lanchat.layers.errors import InvalidMessage
from lanchat.layers.values import extension_of

Message = dict[str, Any]
"""What travels: a dict with string keys, of what MessagePack can carry, and of dates, times, UUIDs, decimals and sets.
Further inside keys may be integers. Read-only once it was sent."""

MOST_BYTES = 1_048_576
"""Size of the largest message that a layer carries unless its limit is set otherwise, in bytes."""

TARGETS = "__asgi_channel__"
"""The key by which a queue on a server names the channels of a process that a message is for."""

EXCLUDED = "__asgi_exclude__"
"""The key by which a published message names the member that does not get it. Only written when one is left out."""

POSITION = "__asgi_position__"
"""The key by which a message says where in the history of its group it is. Only written where one is kept."""

_RESERVED = (TARGETS, EXCLUDED, POSITION)
_LEAST, _MOST = -(2**63), 2**64
_SMALL = range(-32, 128)
_Steps = tuple[tuple[int, int], ...]
_TEXT: _Steps = ((32, 1), (1 << 8, 2), (1 << 16, 3))
_BYTES: _Steps = _TEXT[1:]
_CONTAINER: _Steps = ((16, 1), (1 << 16, 3))
_NUMBER: _Steps = ((1 << 8, 2), (1 << 16, 3), (1 << 32, 5))
_EXTENDED: _Steps = ((1 << 8, 3), (1 << 16, 4))
_FIXED = (1, 2, 4, 8, 16)
"""Below each limit, the bytes of the head that MessagePack puts before so much; of a number, all bytes it has."""

_Place = tuple[Any, Any] | None
"""Where a value is: the place of what it is in, and its key there, or None in a list. None for the message itself."""


def size_of(message: object) -> int:
    """Return how many bytes `message` has as MessagePack, without making them.

    Raises:
        InvalidMessage: it is no dict, or holds what not every layer can carry.
    """
    try:
        return _value(framed(message), None)
    except RecursionError:
        raise InvalidMessage("A message is not as deep as this one.") from None


def framed(message: object) -> Message:
    """Return `message` back, whatever it holds. Raises InvalidMessage: it is no dict, or has a key of the layers."""
    if not isinstance(message, dict):
        raise InvalidMessage(f"A message is a dict, not {type(message).__name__}.")
    for key in _RESERVED:
        if key in message:
            raise InvalidMessage(f"The key {key!r} is reserved.")
    return message


def _value(value: object, place: _Place) -> int:
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, dict):
        return _table(value, place)
    if isinstance(value, int):  # True and False are integers here, and one byte there too
        return _number(value, place)
    if isinstance(value, list | tuple):
        inner = (place, None)
        return _step(len(value), _CONTAINER) + sum([_value(item, inner) for item in value])
    return _scalar(value, place)


def _scalar(value: object, place: _Place) -> int:
    if isinstance(value, bytes):
        return _step(len(value), _BYTES) + len(value)
    if value is None:
        return 1
    if isinstance(value, float):
        return 9
    if (extension := extension_of(value)) is not None:
        return _extension(len(extension.write(value)))
    if isinstance(value, set | frozenset):
        inner = (place, None)
        return _extension(_step(len(value), _CONTAINER) + sum([_value(item, inner) for item in value]))
    raise InvalidMessage(f"{_named(place)} is {type(value).__name__}, which not every channel layer can carry.")


def _table(table: dict[Any, Any], place: _Place) -> int:
    size = _step(len(table), _CONTAINER)
    for key, item in table.items():
        if isinstance(key, str):
            size += _text(key, place)
        elif place is not None and isinstance(key, int) and not isinstance(key, bool):
            size += _number(key, place)
        else:
            wanted = "strings" if place is None else "strings or integers"
            raise InvalidMessage(f"A key of {_named(place)} is {type(key).__name__}; keys are {wanted}.")
        size += _value(item, (place, key))
    return size


def _text(text: str, place: _Place) -> int:
    length = len(text)
    if not text.isascii():
        try:
            length = len(text.encode())
        except UnicodeEncodeError:
            raise InvalidMessage(f"{_named(place)} has half a surrogate pair, which no encoding can carry.") from None
    return _step(length, _TEXT) + length


def _number(number: int, place: _Place) -> int:
    if number in _SMALL:
        return 1
    if not _LEAST <= number < _MOST:
        raise InvalidMessage(f"{_named(place)} is an integer of more than 64 bits.")
    reach = number if number >= 0 else -2 * number - 1
    return _step(reach, _NUMBER, 9)


def _extension(length: int) -> int:
    return (2 if length in _FIXED else _step(length, _EXTENDED, 6)) + length


def _step(amount: int, steps: _Steps, most: int = 5) -> int:
    for limit, size in steps:
        if amount < limit:
            return size
    return most


def _named(place: _Place) -> str:
    if place is None:
        return "message"
    outer, key = place
    return f"an item of {_named(outer)}" if key is None else f"{_named(outer)}[{key!r}]"
