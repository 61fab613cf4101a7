import inspect
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.layers import BaseChannelLayer, ChannelFull, InMemoryChannelLayer, MessageTooLarge, Overflow

COROUTINES = ["send", "receive", "new_channel", "group_add", "group_discard", "group_send", "group_members", "flush"]


@pytest.fixture
def layer() -> BaseChannelLayer:
    return InMemoryChannelLayer()


def test_a_bare_contract_knows_names_as_in_channels() -> None:
    bare = BaseChannelLayer()  # type: ignore[abstract]
    assert bare.require_valid_group_name("chat") == "chat"
    with pytest.raises(TypeError, match="ASCII alphanumerics"):
        bare.require_valid_channel_name("no name")


@pytest.mark.parametrize("name", [*COROUTINES, "close"])
def test_what_channels_awaits_is_a_coroutine_function(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(InMemoryChannelLayer, name))


def test_a_layer_has_the_attributes_that_channels_names() -> None:
    layer = InMemoryChannelLayer(expiry=5, group_expiry=6, capacity=7)
    assert (layer.expiry, layer.group_expiry, layer.capacity) == (5, 6, 7)
    assert {"groups", "flush"} <= set(layer.extensions)
    assert layer.MAX_NAME_LENGTH == 100
    assert (layer.ChannelFull, layer.MessageTooLarge) == (ChannelFull, MessageTooLarge)


def test_an_unknown_setting_is_refused_and_not_ignored() -> None:
    with pytest.raises(TypeError, match="capacty"):
        InMemoryChannelLayer(capacty=3)  # type: ignore[call-arg]


def test_a_name_is_given_back(layer: BaseChannelLayer) -> None:
    assert layer.require_valid_channel_name("a!b") == "a!b"
    assert layer.require_valid_group_name("a") == "a"


def test_the_sentence_about_a_name_is_that_of_channels(layer: BaseChannelLayer) -> None:
    with pytest.raises(TypeError, match=r"^Group name must be a valid unicode string with length < 100 containing"):
        layer.require_valid_group_name("¯\\_(ツ)_/¯")


@given(st.text(max_size=120) | st.from_regex(r"[a-zA-Z0-9._!-]*", fullmatch=True))
def test_names_are_ascii_and_short(name: str) -> None:
    layer = InMemoryChannelLayer()
    fine = len(name) < 100 and set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!")
    local = name.partition("!")[0]
    assert _accepts(layer.require_valid_group_name, name) == (fine and name == local != "")
    assert _accepts(layer.require_valid_channel_name, name) == (fine and local != "" and name.count("!") <= 1)


def _accepts(check: Any, name: str) -> bool:
    try:
        return bool(check(name) == name)
    except TypeError:
        return False


def test_the_first_pattern_that_fits_gives_capacity_and_policy() -> None:
    layer = InMemoryChannelLayer(
        capacity=9,
        channel_capacity={"a*": 1, "ab": 2, re.compile("b"): 3},
        channel_overflow={"a*": "disconnect", re.compile("b"): Overflow.DROP_OLDEST},
    )
    assert [layer.get_capacity(name) for name in ("a", "ab", "bx", "xb")] == [1, 1, 3, 9]
    assert [layer.get_overflow(name).value for name in ("ab", "bx", "xb")] == [
        "disconnect",
        "drop_oldest",
        "drop_newest",
    ]


def test_a_message_is_given_back_and_is_the_same(layer: BaseChannelLayer) -> None:
    message = {"type": "t", "list": [1]}
    assert layer.require_valid_message(message) is message


def test_the_size_of_a_message_has_a_limit() -> None:
    layer = InMemoryChannelLayer(max_message_size=10)
    assert layer.require_valid_message({"type": "abc"})
    with pytest.raises(MessageTooLarge, match="has 11 bytes; 10 is the most"):
        layer.require_valid_message({"type": "abcd"})
    assert InMemoryChannelLayer().max_message_size == 2**20


def test_a_refused_message_is_a_type_error_as_with_other_layers(layer: BaseChannelLayer) -> None:
    with pytest.raises(TypeError):
        layer.require_valid_message({"type": "t", "when": object()})
