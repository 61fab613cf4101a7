from datetime import UTC
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lanchat.layers import InvalidMessage
from lanchat.layers.message import EXCLUDED, TARGETS, size_of
from lanchat.layers.redis.wire import Codec

LIMITS = [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]
NUMBERS = [abs(2**bits) + more for bits in (5, 7, 8, 15, 16, 31, 32, 63) for more in (-1, 0, 1)]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INTEGERS = st.integers(-(2**63), 2**64 - 1)
ODD = st.dates() | st.datetimes(timezones=st.just(UTC)) | st.datetimes() | st.times() | st.timedeltas() | st.uuids()
SCALARS = st.none() | st.booleans() | INTEGERS | TEXTS | st.binary(max_size=300) | ODD | st.decimals(allow_nan=False)
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.dictionaries(TEXTS | INTEGERS, inner, max_size=20)
        | st.sets(SCALARS, max_size=20)
        | st.frozensets(SCALARS, max_size=20)
    ),
    max_leaves=40,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=20))
def test_the_size_is_that_of_the_bytes_and_they_are_the_message(message: dict[str, Any]) -> None:
    assume(TARGETS not in message and EXCLUDED not in message)
    body = Codec().encode(message)
    assert size_of(message) == len(body)
    assert Codec().decode(body) == message


@pytest.mark.parametrize("length", LIMITS)
def test_the_size_at_each_limit_of_messagepack(length: int) -> None:
    values: list[Any] = ["x" * length, "é" * (length // 2), b"x" * length, [None] * length, ("a", 1) * (length // 2)]
    values.append({str(number): 0 for number in range(length)})
    for value in values:
        assert size_of({"type": value}) == len(msgspec.msgpack.encode({"type": value}))


@pytest.mark.parametrize("number", NUMBERS)
def test_the_size_of_numbers(number: int) -> None:
    for each in (number, -number):
        if each >= -(2**63):
            assert size_of({"n": each}) == len(msgspec.msgpack.encode({"n": each}))


class Text(str):
    __slots__ = ()


def test_values_of_derived_types_count_as_what_they_are() -> None:
    assert size_of({"type": Text("abc")}) == size_of({"type": "abc"})
    assert size_of({"yes": True}) == size_of({"yes": 1}) == 6


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("text", "not str"),
        ({"type": "t", "__asgi_channel__": "a"}, "'__asgi_channel__' is reserved"),
        ({"type": "t", "__asgi_exclude__": "a"}, "'__asgi_exclude__' is reserved"),
        ({"type": "t", "a": {"b": {print}}}, r"an item of message\['a'\]\['b'\] is builtin_function_or_method"),
        ({"type": "t", "a": [{1.5: 2}]}, r"A key of an item of message\['a'\] is float"),
        ({"type": "t", "n": 2**64}, r"message\['n'\] is an integer of more than 64 bits"),
        ({"type": "t", "text": "\ud800"}, r"message\['text'\] has half a surrogate pair"),
        ({"type": "t", "a": {"\ud800": 1}}, r"message\['a'\] has half a surrogate pair"),
    ],
)
def test_a_refusal_says_where(message: Any, said: str) -> None:
    with pytest.raises(InvalidMessage, match=said):
        size_of(message)


def test_a_message_without_an_end_is_refused() -> None:
    message: dict[str, Any] = {"type": "t"}
    message["self"] = [message]
    with pytest.raises(InvalidMessage, match="deep"):
        size_of(message)
