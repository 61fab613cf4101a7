"""Values that MessagePack has no types for, and how they are written: as its extensions; they come as they went.

Who knows these extensions not, as the other libraries, gets them as bytes with a number.
"""

import importlib
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple


class Extension(NamedTuple):
    """How one kind of value is written.

    Attributes:
        code: number of the extension.
        write: gives the bytes of a value.
        read: gives the value of bytes; raises ValueError when they are none.
    """

    code: int
    write: Callable[[Any], bytes]
    read: Callable[[bytes], object]


def _written(value: object) -> bytes:
    return str(value).encode("ascii")


def _iso(value: datetime | date | time) -> bytes:
    return value.isoformat().encode("ascii")


def _period(value: timedelta) -> bytes:
    return b"%d %d %d" % (value.days, value.seconds, value.microseconds)


def _read_period(written: bytes) -> timedelta:
    days, seconds, microseconds = map(int, written.split(b" "))
    try:
        return timedelta(days, seconds, microseconds)
    except OverflowError as error:
        raise ValueError(str(error)) from None


def _read_decimal(written: bytes) -> Decimal:
    try:
        return Decimal(written.decode("ascii"))
    except InvalidOperation:
        raise ValueError(f"{written!r} is no number.") from None


def _read_uuid(written: bytes) -> object:
    value: object = importlib.import_module("uuid").UUID(bytes=written)
    return value


_UUID = Extension(5, lambda value: bytes(value.bytes), _read_uuid)
"""Found by its name: most programs never load the module, which looks for the machine's platform."""

EXTENSIONS: dict[type, Extension] = {
    datetime: Extension(1, _iso, lambda written: datetime.fromisoformat(written.decode("ascii"))),
    date: Extension(2, _iso, lambda written: date.fromisoformat(written.decode("ascii"))),
    time: Extension(3, _iso, lambda written: time.fromisoformat(written.decode("ascii"))),
    timedelta: Extension(4, _period, _read_period),
    Decimal: Extension(6, _written, _read_decimal),
}
"""By the type of the value; a value of a derived type is written as what it is derived from."""

SETS: dict[type, int] = {set: 7, frozenset: 8}
"""Codes of the extensions that have the items of a set, as a list."""

READERS = {extension.code: extension.read for extension in (*EXTENSIONS.values(), _UUID)}
"""How the bytes of an extension are read, by its code."""

MAKERS: dict[int, Callable[[Collection[Any]], Collection[Any]]] = {7: set, 8: frozenset}
"""What is made of the items of a set, by the code."""


def extension_of(value: object) -> Extension | None:
    """Return how a value is written that MessagePack has no type for; None when it is none of these."""
    for kind in type(value).__mro__:
        if extension := EXTENSIONS.get(kind):
            return extension
        if kind.__name__ == "UUID" and kind.__module__ == "uuid":
            return _UUID
    return None


def set_code_of(value: object) -> int | None:
    """Return the code of a set; None when the value is none."""
    return next((SETS[kind] for kind in type(value).__mro__ if kind in SETS), None)


def as_text(value: object) -> object:
    """Return what JSON has in the place of such a value: a text, or a list of a set. Raises TypeError for others."""
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if extension_of(value) is not None:
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
