"""What ASGI passes on of a connection and its events (https://asgi.readthedocs.io/en/latest/specs/main.html)."""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
"""What is known of a connection, with the keys of ASGI: `type`, `path`, `headers`, `query_string`, `path_params` …"""

AsgiEvent = dict[str, Any]
"""One event of a connection, as ASGI writes it: a dict with a `type`."""

AsgiReceive = Callable[[], Awaitable[AsgiEvent]]
AsgiSend = Callable[[AsgiEvent], Awaitable[None]]

AsgiConsumer = Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]]
"""What lives through one connection as an ASGI app."""


def routed(scope: Scope) -> Scope:
    """Have a scope say what its path holds in both ways: Django's `url_route` and Starlette's `path_params`."""
    if "path_params" in scope:
        scope.setdefault("url_route", {"args": (), "kwargs": scope["path_params"]})
    elif "url_route" in scope:
        scope["path_params"] = scope["url_route"].get("kwargs") or {}
    return scope
