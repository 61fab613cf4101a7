from collections.abc import Iterator
from typing import Any

import pytest

from lanchat.layers import (
    InMemoryChannelLayer,
    LayerError,
    channel_layers,
    get_channel_layer,
    make_layers,
    setup_layers,
)
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer

LIMITS = {
    "memory": (60, 100),
    "chat": (60, 100),
    "queue": (900, 1000),
    "notifications": (60, 100),
    "analytics": (3600, 5000),
}


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    before = dict(channel_layers)
    channel_layers.clear()
    yield
    channel_layers.clear()
    channel_layers.update(before)


@pytest.mark.parametrize("url", ["", "memory://"])
def test_without_a_server_all_are_in_memory(url: str) -> None:
    layers = make_layers(url)
    assert {name: (layer.expiry, layer.capacity) for name, layer in layers.items()} == LIMITS
    assert {type(layer) for layer in layers.values()} == {InMemoryChannelLayer}
    assert len({id(layer) for layer in layers.values()}) == 5
    assert channel_layers == {}


@pytest.mark.parametrize("url", ["redis://h:1/2", "redis+pubsub://h:1/2", "redis+queue://h:1/2"])
def test_on_redis_each_has_its_kind_its_prefix_and_its_limits(url: str) -> None:
    layers: dict[str, Any] = dict(make_layers(url))
    assert {name: (layer.expiry, layer.capacity) for name, layer in layers.items()} == LIMITS
    assert type(layers.pop("memory")) is InMemoryChannelLayer
    assert {name: (type(layer), layer.prefix) for name, layer in layers.items()} == {
        "chat": (RedisPubSubChannelLayer, "chat"),
        "queue": (RedisChannelLayer, "queue"),
        "notifications": (RedisPubSubChannelLayer, "notify"),
        "analytics": (RedisChannelLayer, "analytics"),
    }
    assert {str(layer.servers[0]) for layer in layers.values()} == {"h:1"}
    assert {layer.servers[0]._host.options["db"] for layer in layers.values()} == {2}


def test_setup_registers_them_and_again_replaces_them() -> None:
    first = setup_layers()
    assert channel_layers == first
    second = setup_layers("redis://h")
    assert channel_layers == second
    assert get_channel_layer("chat") is second["chat"] is not first["chat"]


def test_a_url_that_names_no_layer_registers_nothing() -> None:
    with pytest.raises(LayerError, match="nats"):
        setup_layers("nats://h")
    assert channel_layers == {}
