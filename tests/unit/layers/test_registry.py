from collections.abc import Iterator
from typing import Any

import pytest

from lanchat.layers import (
    InMemoryChannelLayer,
    LayerError,
    channel_layers,
    get_channel_layer,
    has_layers,
    register_channel_layer,
    unregister_channel_layer,
)


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    before = dict(channel_layers)
    channel_layers.clear()
    yield
    channel_layers.clear()
    channel_layers.update(before)


def test_a_layer_is_found_by_its_alias() -> None:
    chat, default = InMemoryChannelLayer(), InMemoryChannelLayer()
    register_channel_layer("chat", chat)
    register_channel_layer("default", default)
    assert get_channel_layer("chat") is chat
    assert get_channel_layer() is default
    assert has_layers()


def test_an_alias_that_nobody_has_gives_none() -> None:
    assert get_channel_layer("chat") is None
    assert get_channel_layer() is None
    assert not has_layers()


def test_the_last_layer_of_an_alias_counts() -> None:
    first, second = InMemoryChannelLayer(), InMemoryChannelLayer()
    register_channel_layer("chat", first)
    register_channel_layer("chat", second)
    assert get_channel_layer("chat") is second
    assert list(channel_layers) == ["chat"]


def test_a_forgotten_alias_is_free_and_forgetting_twice_is_nothing() -> None:
    register_channel_layer("chat", InMemoryChannelLayer())
    unregister_channel_layer("chat")
    unregister_channel_layer("chat")
    assert get_channel_layer("chat") is None


@pytest.mark.parametrize(("alias", "layer"), [("", InMemoryChannelLayer()), ("chat", {}), ("chat", None), ("chat", 5)])
def test_what_is_no_alias_or_no_layer_is_refused(alias: str, layer: Any) -> None:
    with pytest.raises(LayerError):
        register_channel_layer(alias, layer)
    assert not has_layers()


def test_the_registry_has_the_methods_of_fast_channels() -> None:
    layer = InMemoryChannelLayer()
    channel_layers.register("chat", layer)
    assert channel_layers.get("chat") is channel_layers["chat"] is layer
    assert (channel_layers.list_aliases(), len(channel_layers), "chat" in channel_layers) == (["chat"], 1, True)
    channel_layers.unregister("chat")
    channel_layers.unregister("chat")
    assert not has_layers()
