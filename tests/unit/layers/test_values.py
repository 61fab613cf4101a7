"""Values that MessagePack has no types for: as they are written for a server, and as JSON has them."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lanchat.layers import InvalidMessage
from lanchat.layers.message import size_of
from lanchat.layers.redis.wire import Codec
from lanchat.layers.values import as_text


class Birthday(date):
    """A type that is derived from one of them."""


class Colour(Enum):
    RED = 1


def test_a_value_of_a_derived_type_comes_as_what_it_is_derived_from() -> None:
    sent = {"type": "t", "on": Birthday(2026, 11, 28)}
    assert size_of(sent) == len(Codec().encode(sent))
    assert Codec().decode(Codec().encode(sent)) == {"type": "t", "on": date(2026, 11, 28)}


def test_what_is_derived_from_nothing_known_is_refused() -> None:
    with pytest.raises(InvalidMessage, match="is Colour, which not every"):
        size_of({"type": "t", "colour": Colour.RED})


@pytest.mark.parametrize("code", range(1, 9))
@pytest.mark.parametrize(
    "data", [b"", b"x", b"\xff" * 16, b"9" * 5_000, b"1 2", b"999999999999 0 0", b"\x91\x90\x90", b"\x91\x80"]
)
def test_bytes_that_are_no_such_value_are_no_message(code: int, data: bytes) -> None:
    body = msgspec.msgpack.encode({"a": msgspec.msgpack.Ext(code, data)})
    try:
        found = Codec().decode(body)
    except InvalidMessage:
        return
    assert set(found) == {"a"}


def test_sets_in_sets_without_end_are_no_message() -> None:
    body = b"\x90"
    for _ in range(5_000):
        body = msgspec.msgpack.encode([msgspec.msgpack.Ext(8, body)])
    with pytest.raises(InvalidMessage):
        Codec().decode(msgspec.msgpack.encode({"a": msgspec.msgpack.Ext(8, body)}))


def test_an_extension_of_somebody_else_stays_one() -> None:
    theirs = msgspec.msgpack.Ext(99, b"x")
    assert Codec().decode(msgspec.msgpack.encode({"a": theirs})) == {"a": theirs}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(3, 4), "03:04:00"),
        (timedelta(hours=1), "1:00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
        ({1}, [1]),
        (frozenset(), []),
    ],
)
def test_json_has_a_text_or_a_list_in_its_place(value: Any, written: object) -> None:
    body = Codec("json").encode({"a": value})
    assert json.loads(body) == {"a": written} == Codec("json").decode(body)


def test_json_has_no_place_for_others() -> None:
    with pytest.raises(TypeError, match="object"):
        as_text(object())
