"""One layer of each kind, by a word: what the ports run on."""

from typing import Any

from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer
from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer

KINDS = ("memory", "pubsub", "queue")


def layer(kind: str, redis: str, prefix: str = "asgi", **settings: Any) -> BaseChannelLayer:
    """Make a layer of a kind."""
    if kind == "memory":
        return InMemoryChannelLayer(**settings)
    made = RedisPubSubChannelLayer if kind == "pubsub" else RedisChannelLayer
    return made([redis], prefix=prefix, **settings)
