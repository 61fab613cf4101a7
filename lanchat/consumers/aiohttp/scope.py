"""What is known of a request of aiohttp, as ASGI says it."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any, overload

from aiohttp import web

from lanchat.consumers.scope import Scope

CLIENT = web.RequestKey("lanchat.client", str)
"""Under which a request carries the address that a proxy in front says it comes from; set by whoever believes it."""
_ASGI = {"version": "3.0"}


class Headers(Sequence[tuple[bytes, bytes]]):
    """The headers of a request, their names in lower case as ASGI has them; made when somebody looks at them."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw)

    @overload
    def __getitem__(self, place: int) -> tuple[bytes, bytes]: ...

    @overload
    def __getitem__(self, place: slice) -> list[tuple[bytes, bytes]]: ...

    def __getitem__(self, place: int | slice) -> tuple[bytes, bytes] | list[tuple[bytes, bytes]]:
        if isinstance(place, slice):
            return [(name.lower(), value) for name, value in self._raw[place]]
        name, value = self._raw[place]
        return name.lower(), value


def peer_of(transport: asyncio.BaseTransport | None) -> str:
    """Return the address at the other end, without its port; empty when it is not known.

    It is one object for all connections of an address; `request.remote` is one more for each, which it keeps for ever.
    """
    peer: Any = transport.get_extra_info("peername") if transport else None
    return sys.intern(peer[0]) if peer else ""


def client_of(request: web.Request) -> str:
    """Return the address of whoever asks: what a proxy says that is believed, else the other end of the connection."""
    return request.get(CLIENT, "") or peer_of(request.transport)


def scope_of(request: web.Request, transport: asyncio.BaseTransport | None) -> Scope:
    """Return what is known of a request, as ASGI's scope and Django's and Starlette's additions to it.

    Args:
        request: the request.
        transport: what it came by; the request itself forgets that when the connection ends.
    """
    peer: Any = transport.get_extra_info("peername") if transport else None
    here: Any = transport.get_extra_info("sockname") if transport else None
    asked = request.headers.get("Sec-WebSocket-Protocol", "")
    params = dict(request.match_info)
    is_websocket = request.headers.get("Upgrade", "").lower() == "websocket"
    return {
        "type": "websocket" if is_websocket else "http",
        "asgi": _ASGI,
        "http_version": f"{request.version.major}.{request.version.minor}",
        "scheme": request.scheme.replace("http", "ws") if is_websocket else request.scheme,
        "method": request.method,
        "path": request.path,
        "raw_path": request.rel_url.raw_path.encode(),
        "root_path": "",
        "query_string": request.rel_url.raw_query_string.encode(),
        "headers": Headers(request.raw_headers),
        "subprotocols": [name.strip() for name in asked.split(",") if name.strip()],
        "client": (request[CLIENT], 0) if CLIENT in request else peer[:2] if peer else None,
        "server": here[:2] if here else None,
        "path_params": params,
        "url_route": {"args": (), "kwargs": params},
    }
