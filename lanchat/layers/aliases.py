"""The five layers of the tutorial of Fast Channels, by their aliases."""

from typing import Any, NamedTuple

from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.memory import InMemoryChannelLayer
from lanchat.layers.registry import register_channel_layer
from lanchat.layers.url import layer_from_url, scheme_of, schemes


class Alias(NamedTuple):
    """What a layer is for.

    Attributes:
        kind: "pubsub" or "queue", on a server; empty for a layer that stays in memory.
        prefix: what its names on the server begin with.
        limits: how long and how much it keeps, in memory and on a server.
    """

    kind: str
    prefix: str
    limits: dict[str, Any]


ALIASES = {
    "memory": Alias("", "", {}),
    "chat": Alias("pubsub", "chat", {}),
    "queue": Alias("queue", "queue", {"expiry": 900, "capacity": 1000}),
    "notifications": Alias("pubsub", "notify", {}),
    "analytics": Alias("queue", "analytics", {"expiry": 3600, "capacity": 5000}),
}


def make_layers(url: str = "") -> dict[str, BaseChannelLayer]:
    """Make the five layers, without connecting to anything and without registering them.

    Args:
        url: the server for all but `memory`, for example `redis://localhost:6379/0`; empty, or `memory://`, for layers
            that all stay in memory. Of a scheme that has kinds, as `redis` has `redis+pubsub` and `redis+queue`, each
            alias takes its own; another layer is made by the URL as it is, and is given a prefix.

    Raises:
        LayerError: as `layer_from_url`.
    """
    return {name: _make(alias, url) for name, alias in ALIASES.items()}


def setup_layers(url: str = "") -> dict[str, BaseChannelLayer]:
    """Make the five layers and register them, each in place of what had its alias before. Raises as `make_layers`."""
    layers = make_layers(url)
    for name, layer in layers.items():
        register_channel_layer(name, layer)
    return layers


def _make(alias: Alias, url: str) -> BaseChannelLayer:
    scheme = scheme_of(url) if url else "memory"
    if not alias.kind or scheme == "memory":
        return InMemoryChannelLayer(**alias.limits)
    return layer_from_url(_of_kind(url, scheme, alias.kind), prefix=alias.prefix, **alias.limits)


def _of_kind(url: str, scheme: str, kind: str) -> str:
    """Return the same URL for the layer of this kind, when its scheme has kinds."""
    special = f"{scheme.partition('+')[0]}+{kind}"
    return special + url[len(scheme) :] if special in schemes() else url
