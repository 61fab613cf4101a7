"""The optional plugin for several processes or machines: channel layers through Redis. `pip install 'lanchat[redis]'`.

Two layers, with the names, settings and wire formats of channels_redis and Fast Channels. `wire` is what travels;
`pubsub` and `queue` are the layers, `pubsub_session` and `queue_session` their part in one event loop, `queue_reader`
a task that reads; `connection` is the way to a server.
"""

from typing import TYPE_CHECKING

from lanchat.layers.errors import LayerError

if TYPE_CHECKING:
    from lanchat.layers.redis.pubsub import RedisPubSubChannelLayer
    from lanchat.layers.redis.queue import RedisChannelLayer
    from lanchat.layers.redis.url import deployment_of, from_url

__all__ = ["RedisChannelLayer", "RedisPubSubChannelLayer", "deployment_of", "from_url"]

_MODULES = {
    "RedisChannelLayer": "queue",
    "RedisPubSubChannelLayer": "pubsub",
    "from_url": "url",
    "deployment_of": "url",
}


def __getattr__(name: str) -> object:
    """Import what is asked for. Raises LayerError when the package for Redis is missing."""
    import importlib  # noqa: PLC0415 - nobody pays for Redis who does not use it

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise LayerError("Redis needs its own packages; install them with: pip install 'lanchat[redis]'") from None
    found: object = getattr(module, name)
    return found
