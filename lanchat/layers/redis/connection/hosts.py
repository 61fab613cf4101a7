"""The forms in which a configuration names its Redis servers, made into one."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec
import redis.connection

_parse_url: Callable[[str], Mapping[str, Any]] = redis.connection.parse_url
_DEFAULT = "redis://localhost:6379"
_TRANSPORTS: dict[str, Literal["tcp", "tls", "unix"]] = {"rediss": "tls", "unix": "unix"}
_OURS = ("socket_timeout", "socket_connect_timeout", "protocol", "retry", "decode_responses", "connection_class", "ssl")


Place = tuple[str, int]
"""The host and the port of a server."""


class Host(msgspec.Struct, frozen=True):
    """Where one Redis server is, or those of a cluster.

    Attributes:
        label: the address for people, without a password.
        transport: how it is reached.
        options: what redis-py's connection takes.
        sentinels: of each; empty without sentinels.
        master: the name by which the sentinels know the server.
        sentinel_options: what the connections to sentinels take.
        cluster: some servers of a cluster; empty without one.
        key: in a cluster, one of the keys that are wanted, all of which have the same hash tag.
    """

    label: str
    transport: Literal["tcp", "tls", "unix"]
    options: dict[str, Any]
    sentinels: tuple[Place, ...] = ()
    master: str = ""
    sentinel_options: dict[str, Any] = {}
    cluster: tuple[Place, ...] = ()
    key: str = ""

    def at(self, place: Place) -> "Host":
        """Return the one server at a place, which is reached as this one is."""
        host, port = place
        return Host(f"{host}:{port}", self.transport, {**self.options, "host": host, "port": port})


def hosts_of(hosts: object) -> list[Host]:
    """Return the servers that `hosts` names.

    Args:
        hosts: None for one on this machine, or a list of URLs (redis, rediss or unix), of pairs of host and port, or of
            dicts: `address` (one of the former) with options, `sentinels` with `master_name`, perhaps `sentinel_kwargs`
            and options, `cluster` (pairs) with `key` and options, or options of redis-py alone.

    Raises:
        ValueError: it names none, or cannot be read.
    """
    if hosts is None:
        hosts = [_DEFAULT]
    if isinstance(hosts, str | bytes | Mapping) or not isinstance(hosts, Iterable):
        raise ValueError(  # noqa: TRY004 - the originals' error
            "hosts is a list of Redis servers, for example ['redis://localhost:6379']."
        )
    found = [_host_of(entry) for entry in hosts]
    if not found:
        raise ValueError("hosts names no Redis server.")
    return found


def _host_of(entry: object) -> Host:
    match entry:
        case str():
            return _from_url(entry, {})
        case (str() as host, int() | str() as port):
            return _host(_at(host, port), {})
        case {"address": address, **rest}:
            options = {str(name): value for name, value in rest.items()}
            place = address if isinstance(address, str) else tuple(address)
            return _from_url(place, options) if isinstance(place, str) else _host(_at(*place), options)
        case {"sentinels": sentinels, **rest}:
            return _from_sentinels(sentinels, {str(name): value for name, value in rest.items()})
        case {"cluster": places, **rest}:
            return _from_cluster(places, {str(name): value for name, value in rest.items()})
        case Mapping():
            return _host({}, dict(entry))
    raise ValueError(f"A Redis server is a URL, a pair of host and port, or a dict, not {type(entry).__name__}.")


def _at(host: str, port: int | str) -> dict[str, Any]:
    return {"host": host, "port": int(port)}


def _from_url(url: str, options: dict[str, Any]) -> Host:
    scheme = url.partition("://")[0]
    return _host(dict(_parse_url(url)), options, _TRANSPORTS.get(scheme, "tcp"))


def _from_sentinels(sentinels: Iterable[tuple[str, int]], options: dict[str, Any]) -> Host:
    master = options.pop("master_name", None)
    if not master:
        raise ValueError("With sentinels goes master_name, the name by which they know the server.")
    watching = tuple((str(host), int(port)) for host, port in sentinels)
    if not watching:
        raise ValueError("sentinels names none.")
    extra = dict(options.pop("sentinel_kwargs", None) or {})
    return Host(
        label=f"{master} of {', '.join(f'{host}:{port}' for host, port in watching)}",
        transport="tls" if options.get("ssl") else "tcp",
        options=_without_ours(options),
        sentinels=watching,
        master=str(master),
        sentinel_options=extra,
    )


def _from_cluster(places: Iterable[Place], options: dict[str, Any]) -> Host:
    servers = tuple((str(host), int(port)) for host, port in places)
    if not servers:
        raise ValueError("cluster names no server.")
    key = str(options.pop("key", ""))
    return Host(
        label=f"the cluster of {', '.join(f'{host}:{port}' for host, port in servers)}",
        transport="tls" if options.get("ssl") else "tcp",
        options=_without_ours(options),
        cluster=servers,
        key=key,
    )


def _host(
    place: Mapping[str, Any], options: Mapping[str, Any], transport: Literal["tcp", "tls", "unix"] = "tcp"
) -> Host:
    merged = {**options, **place}
    if merged.get("ssl"):
        transport = "tls"
    if "path" in merged:
        transport = "unix"
    label = str(merged.get("path") or f"{merged.get('host', 'localhost')}:{merged.get('port', 6379)}")
    return Host(label=label, transport=transport, options=_without_ours(merged))


def _without_ours(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in _OURS}
