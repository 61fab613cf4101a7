"""The Redis layers by their URLs."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from lanchat.layers.errors import LayerError
from lanchat.layers.redis.connection import Deployment
from lanchat.layers.redis.layer import RedisLayer
from lanchat.layers.redis.pubsub import RedisPubSubChannelLayer
from lanchat.layers.redis.queue import RedisChannelLayer
from lanchat.layers.url import options_in

_KINDS: dict[str, type[RedisLayer[Any]]] = {"pubsub": RedisPubSubChannelLayer, "queue": RedisChannelLayer}
_SERVERS = ("redis", "rediss", "unix", "sentinel", "cluster")
_PORT, _SENTINEL_PORT = 6379, 26379
_OPTIONS: dict[str, type] = {
    "prefix": str,
    "lease": float,
    "timeout": float,
    "random_prefix_length": int,
}


def from_url(url: str, **options: Any) -> RedisLayer[Any]:  # noqa: ANN401 - the class checks them
    """Make a layer.

    Args:
        url: `redis+pubsub://host:port/db`, `redis+queue://…`, the same with `rediss` for TLS or `unix` for a socket's
            path, `sentinel+pubsub://host:port,host:port/master`, or `cluster+pubsub://host:port,host:port`. Without a
            `+` it is the pub/sub layer. What stands behind a question mark are options of the layer, and for the rest
            of redis-py. In a cluster all keys of a layer are in one slot: its prefix is their hash tag.
        options: what the layer's class takes; they win over the URL's.

    Raises:
        LayerError: the URL cannot be read.
        TypeError: an option does not exist.
    """
    kind, host, ours = _read(url)
    given = {**ours, **options}
    if isinstance(host, dict) and "cluster" in host:
        host["key"] = given["prefix"] = f"{{{given.get('prefix', 'asgi')}}}"
    try:
        return _KINDS[kind]([host], **given)
    except ValueError as error:
        raise _unreadable(error) from None


def deployment_of(url: str, timeout: float) -> Deployment:
    """Return the Redis that the URL of a layer names.

    Args:
        url: as `from_url` takes it; of its options those of the layer mean nothing here.
        timeout: seconds that connecting, and separately a reply, may take.

    Raises:
        LayerError: the URL cannot be read.
    """
    _, host, _ = _read(url)
    try:
        return Deployment(host, timeout)
    except ValueError as error:
        raise _unreadable(error) from None


def _read(url: str) -> tuple[str, object, dict[str, Any]]:
    """Return the kind of layer that a URL asks for, where its server is, and the options of the layer."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _unreadable(error) from None
    server, _, kind = parts.scheme.partition("+")
    if server not in _SERVERS or (kind or "pubsub") not in _KINDS:
        raise LayerError(
            f"A Redis layer's URL begins with redis+pubsub:// or redis+queue://, not with {parts.scheme}://."
        )
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    try:
        ours = options_in(query, _OPTIONS)
        if server == "sentinel":
            host: object = _sentinels(parts.netloc, parts.path, query)
        elif server == "cluster":
            host = _cluster(parts.netloc, query)
        else:
            host = f"{server}://{parts.netloc}{parts.path}?{urlencode(query)}"
    except ValueError as error:
        raise _unreadable(error) from None
    return kind or "pubsub", host, ours


def _unreadable(error: ValueError) -> LayerError:
    return LayerError(f"The Redis layer's URL cannot be read: {str(error).rstrip('.')}.")


def _sentinels(netloc: str, path: str, query: dict[str, str]) -> dict[str, Any]:
    places, given = _several(netloc, _SENTINEL_PORT)
    given["db"] = int(query.pop("db", 0))
    return {"sentinels": places, "master_name": path.strip("/"), **{k: v for k, v in given.items() if v}, **query}


def _cluster(netloc: str, query: dict[str, str]) -> dict[str, Any]:
    places, given = _several(netloc, _PORT)
    return {"cluster": places, **{k: v for k, v in given.items() if v}, **query}


def _several(netloc: str, usual: int) -> tuple[list[tuple[str, int]], dict[str, Any]]:
    """Return the places that a URL names, and the user and the password before them."""
    credentials, _, places = netloc.rpartition("@")
    pairs = []
    for place in filter(None, places.split(",")):
        host, _, port = place.partition(":")
        pairs.append((host, int(port or usual)))
    user, _, password = credentials.partition(":")
    return pairs, {"username": unquote(user), "password": unquote(password)}
