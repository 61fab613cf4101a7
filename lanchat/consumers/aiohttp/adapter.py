"""Consumers on aiohttp: one handler per consumer class, one consumer per connection."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, overload

from aiohttp import web

from lanchat.consumers.aiohttp.bridge import run_events
from lanchat.consumers.aiohttp.socket import OPEN_SOCKETS, AiohttpSocket, OpenSockets
from lanchat.consumers.scope import AsgiConsumer, Scope
from lanchat.consumers.socket import SocketConsumer

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""What aiohttp calls for a request."""


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


def add_consumers(app: web.Application, consumers: Mapping[str, Callable[[], AsgiConsumer]]) -> None:
    """Add routes to an app, by path; its WebSockets are closed with code 1001 when it stops.

    Args:
        app: the app; `{name}` in a path is in the scope's `path_params`.
        consumers: for each path a consumer class, or what makes a consumer.
    """
    if OPEN_SOCKETS not in app:
        app[OPEN_SOCKETS] = OpenSockets()
        app.on_shutdown.append(_close_sockets)
    for path, make in consumers.items():
        app.router.add_route("*", path, handler_of(make))


def handler_of(
    make: Callable[[], AsgiConsumer], pace: Callable[[web.Request], Callable[[int], float]] | None = None
) -> RequestHandler:
    """Return the aiohttp handler that runs one consumer per connection.

    Args:
        make: makes the consumer.
        pace: gives for a handshake what decides how fast its frames are read; by default all are read at once.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        consumer = make()
        if not isinstance(consumer, SocketConsumer):
            return await run_events(consumer, scope_of(request), request)
        if not web.WebSocketResponse().can_prepare(request):
            raise web.HTTPBadRequest(text="This address takes WebSocket connections only.")
        socket = AiohttpSocket(request, pace(request) if pace is not None else None)
        sockets = request.app[OPEN_SOCKETS].sockets if OPEN_SOCKETS in request.app else set()
        sockets.add(socket)
        try:
            await consumer.run(scope_of(request), socket)
        finally:
            sockets.discard(socket)
            await socket.end()
        return await socket.response()

    return handle


def scope_of(request: web.Request) -> Scope:
    """Return what is known of a request, as ASGI's scope and Django's and Starlette's additions to it."""
    peer: Any = request.transport.get_extra_info("peername") if request.transport else None
    here: Any = request.transport.get_extra_info("sockname") if request.transport else None
    asked = request.headers.get("Sec-WebSocket-Protocol", "")
    params = dict(request.match_info)
    is_websocket = request.headers.get("Upgrade", "").lower() == "websocket"
    return {
        "type": "websocket" if is_websocket else "http",
        "asgi": _ASGI,
        "http_version": f"{request.version.major}.{request.version.minor}",
        "scheme": request.url.scheme.replace("http", "ws") if is_websocket else request.url.scheme,
        "method": request.method,
        "path": request.path,
        "raw_path": request.rel_url.raw_path.encode(),
        "root_path": "",
        "query_string": request.rel_url.raw_query_string.encode(),
        "headers": Headers(request.raw_headers),
        "subprotocols": [name.strip() for name in asked.split(",") if name.strip()],
        "client": peer[:2] if peer else None,
        "server": here[:2] if here else None,
        "path_params": params,
        "url_route": {"args": (), "kwargs": params},
    }


async def _close_sockets(app: web.Application) -> None:
    await app[OPEN_SOCKETS].close()
