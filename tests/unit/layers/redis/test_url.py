from typing import Any

import pytest

from lanchat.layers import LayerError
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer, from_url


@pytest.mark.parametrize(
    ("url", "kind", "label"),
    [
        ("redis://h:1/2", RedisPubSubChannelLayer, "h:1"),
        ("redis+pubsub://h", RedisPubSubChannelLayer, "h:6379"),
        ("redis+queue://:secret@h", RedisChannelLayer, "h:6379"),
        ("rediss+queue://h", RedisChannelLayer, "h:6379"),
        ("unix+pubsub:///run/redis.sock", RedisPubSubChannelLayer, "/run/redis.sock"),
        ("sentinel+queue://a:1,b/chat?db=2", RedisChannelLayer, "chat of a:1, b:26379"),
        ("cluster+queue://ada:secret@a:1,b?ssl=1", RedisChannelLayer, "the cluster of a:1, b:6379"),
    ],
)
def test_a_layer_by_its_url(url: str, kind: type, label: str) -> None:
    layer = from_url(url)
    assert type(layer) is kind
    assert str(layer.servers[0]) == label


def test_options_of_the_layer_and_of_the_connection() -> None:
    layer = from_url("redis+queue://h/?prefix=chat&capacity=7&lease=5.5&client_name=me&expiry=9", expiry=10)
    assert (layer.prefix, layer.capacity, layer.lease, layer.expiry) == ("chat", 7, 5.5, 10)
    assert layer.servers[0]._host.options["client_name"] == "me"


@pytest.mark.parametrize(
    "url",
    [
        *("", "redis", "http://h", "redis+stream://h", "nats+pubsub://h", "redis+queue://h?capacity=many"),
        *(
            "redis://h:port",
            "sentinel+pubsub://h:1",
            "sentinel+pubsub://h:x/chat",
            "cluster://",
            "redis+queue://h?overflow=explode",
        ),
    ],
)
def test_a_url_that_names_no_layer_is_refused(url: str) -> None:
    with pytest.raises(LayerError, match="URL"):
        from_url(url)


def test_in_a_cluster_the_prefix_is_the_hash_tag_of_all_keys() -> None:
    assert from_url("cluster://h?prefix=chat").prefix == from_url("cluster://h", prefix="chat").prefix == "{chat}"
    assert from_url("cluster://ada:p%40ss@h").servers[0]._host.options == {"username": "ada", "password": "p@ss"}


def test_an_unknown_option_is_refused() -> None:
    unknown: dict[str, Any] = {"capasity": 3}
    with pytest.raises(TypeError):
        from_url("redis+pubsub://h", **unknown)
