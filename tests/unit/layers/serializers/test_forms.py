"""Messages as bytes, and what is none."""

from typing import Any

import pytest

from lanchat.layers import InvalidMessage, LayerError, register_serializer
from lanchat.layers.serializers import registry
from lanchat.layers.serializers.forms import MessageForm
from tests.support.layers.serializing import OWN, Complex


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    register_serializer(OWN, Complex())


@pytest.mark.parametrize("name", ["msgpack", "json", OWN])
def test_a_message_comes_as_it_went(name: str) -> None:
    form = MessageForm(name)
    message = {"type": "t", "n": [1, None, "é"]}
    assert form.decode(form.encode(message, "channel", "a")) == message


@pytest.mark.parametrize(("name", "body"), [("msgpack", b"\xc1"), ("json", b"{"), (OWN, b'{"type": "garbled"}')])
def test_whatever_reading_raises_says_that_it_is_no_message(name: str, body: bytes) -> None:
    with pytest.raises(InvalidMessage, match=f"The bytes are no message as {name}: "):
        MessageForm(name).decode(body)


@pytest.mark.parametrize(("name", "body"), [("json", b"[]"), (OWN, b"[]")])
def test_a_value_that_is_no_dict_is_no_message(name: str, body: bytes) -> None:
    with pytest.raises(InvalidMessage, match="The bytes are no message as "):
        MessageForm(name).decode(body)


@pytest.mark.parametrize(
    ("name", "message"), [("json", {"b": b""}), ("msgpack", {"o": object()}), (OWN, {"type": "bad"})]
)
def test_whatever_writing_raises_says_where_it_was_to_go(name: str, message: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage, match=f"The message to the group g cannot be written as {name}: ") as raised:
        MessageForm(name).encode(message, "group", "g")
    assert raised.value.__cause__ is not None


def test_one_of_your_own_takes_the_place_of_what_is_built_in() -> None:
    register_serializer("json", Complex())
    assert MessageForm("json").decode(b'{"type": "t", "z": [1, 2]}')["z"] == 1 + 2j


def test_a_name_that_nobody_has_is_said() -> None:
    with pytest.raises(LayerError, match="No serializer is called 'pickle'"):
        MessageForm("pickle")
