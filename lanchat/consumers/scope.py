"""What ASGI passes on of a connection and its events (https://asgi.readthedocs.io/en/latest/specs/main.html)."""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
"""What is known of a connection, with the keys of ASGI: `type`, `path`, `headers`, `query_string`, `path_params` …"""

AsgiEvent = dict[str, Any]
"""One event of a connection, as ASGI writes it: a dict with a `type`."""

AsgiReceive = Callable[[], Awaitable[AsgiEvent]]
AsgiSend = Callable[[AsgiEvent], Awaitable[None]]

AsgiConsumer = Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[None]]
"""What lives through one connection as an ASGI app."""
