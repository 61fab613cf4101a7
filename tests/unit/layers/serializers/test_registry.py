"""Formats by name."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lanchat.layers import InvalidMessage, LayerError
from lanchat.layers.serializers import get_serializer, own_serializer, register_serializer, registry


class Shouting:
    is_text = True

    def encode(self, value: Any) -> bytes:
        return str(value).upper().encode()

    def decode(self, data: bytes) -> Any:
        return data.decode().lower()


class Point(msgspec.Struct):
    x: int


@pytest.mark.parametrize(("name", "is_text"), [("json", True), ("msgpack", False)])
def test_what_is_built_in_carries_values_and_structs(name: str, is_text: bool) -> None:
    serializer = get_serializer(name)
    value = {"a": [1, 2.5, None, True, "Küche 👋"]}
    assert serializer.is_text is is_text
    assert serializer.decode(serializer.encode(value)) == value
    assert serializer.decode(serializer.encode(Point(7))) == {"x": 7}
    assert serializer.encode(datetime(2026, 1, 1, tzinfo=UTC))
    assert get_serializer(name) is serializer


@pytest.mark.parametrize(
    ("name", "data"),
    [
        *(("json", data) for data in (b"", b"{", b"\xff", b"nul", b"[" * 100_000)),
        *(("msgpack", data) for data in (b"", b"\x81", b"\xc1", b"ab", b"\x91" * 100_000)),
    ],
)
def test_bytes_that_are_none_are_a_value_error(name: str, data: bytes) -> None:
    with pytest.raises(ValueError, match="The bytes are no value"):
        get_serializer(name).decode(data)


@pytest.mark.parametrize(
    ("name", "value"), [("json", object()), ("msgpack", object()), ("msgpack", 2**70), ("json", {"a": print})]
)
def test_a_value_that_cannot_be_carried_is_named(name: str, value: Any) -> None:
    with pytest.raises(InvalidMessage, match="cannot be written"):
        get_serializer(name).encode(value)


def test_one_of_your_own_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    register_serializer("shouting", Shouting())
    assert get_serializer("shouting").encode("hello") == b"HELLO"
    register_serializer("json", Shouting())
    assert get_serializer("json").encode("x") == b"X"
    assert own_serializer("json") is get_serializer("json")
    assert own_serializer("msgpack") is None


@pytest.mark.parametrize(("name", "what"), [("", Shouting()), ("x", Shouting), ("x", None), ("x", object())])
def test_what_is_no_serializer_is_refused(name: str, what: Any) -> None:
    with pytest.raises(LayerError, match="is_text, encode and decode"):
        register_serializer(name, what)


def test_a_name_that_nobody_has_is_said() -> None:
    with pytest.raises(LayerError, match="No serializer is called 'yaml'; known are json, msgpack"):
        get_serializer("yaml")
