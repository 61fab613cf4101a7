"""Consumers on aiohttp: one handler per consumer class, one consumer per connection."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web

from lanchat.consumers.access import is_admitted
from lanchat.consumers.aiohttp.bridge import run_events
from lanchat.consumers.aiohttp.open_sockets import OPEN_SOCKETS, OpenSockets, kept_open
from lanchat.consumers.aiohttp.scope import scope_of
from lanchat.consumers.aiohttp.socket import AiohttpSocket, FrameFlow
from lanchat.consumers.limits import USUAL, SocketLimits
from lanchat.consumers.scope import AsgiConsumer
from lanchat.consumers.socket import LivesOnSocket

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""What aiohttp calls for a request."""


def add_consumers(app: web.Application, consumers: Mapping[str, Callable[[], AsgiConsumer]]) -> None:
    """Add routes to an app, by path; its WebSockets are closed with code 1001 when it stops.

    Args:
        app: the app; `{name}` in a path is in the scope's `path_params`.
        consumers: for each path a consumer class, or what makes a consumer.
    """
    _close_at_the_end(app)
    for path, make in consumers.items():
        app.router.add_route("*", path, handler_of(make))


def add_asgi_app(app: web.Application, asgi: AsgiConsumer, prefix: str = "/", limits: SocketLimits = USUAL) -> None:
    """Add an ASGI app to an app: a router, a middleware around consumers, or any other; its lifespan is not run.

    Args:
        app: the app; the WebSockets are closed with code 1001 when it stops.
        asgi: what takes every request below the prefix that no earlier route takes.
        prefix: a path that begins and ends with a slash; the ASGI app sees it as its `root_path`.
        limits: of its WebSockets; those of a consumer in it hold too.

    Raises:
        ValueError: the prefix is none.
    """
    if not (prefix.startswith("/") and prefix.endswith("/")):
        raise ValueError(f"The prefix of an ASGI app begins and ends with a slash, unlike {prefix!r}.")

    async def handle(request: web.Request) -> web.StreamResponse:
        mounted = {"root_path": prefix.rstrip("/"), "path_params": {}, "url_route": {"args": (), "kwargs": {}}}
        return await run_events(asgi, {**scope_of(request, request.transport), **mounted}, request, limits)

    _close_at_the_end(app)
    app.router.add_route("*", prefix + "{below:.*}", handle)


def handler_of(
    make: Callable[[], AsgiConsumer],
    *,
    flow: Callable[[web.Request], FrameFlow] | None = None,
    begun: Callable[[], None] | None = None,
    ended: Callable[[int | None], None] | None = None,
) -> RequestHandler:
    """Return the aiohttp handler that runs one consumer per connection.

    Args:
        make: makes a consumer.
        flow: gives for a handshake what decides how fast its frames are read; by default all are read at once.
        begun: called when a connection begins.
        ended: called when it has ended, with the close code of its WebSocket; None when it had none.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        consumer = make()
        _check_origin(request, consumer)
        socket: AiohttpSocket | None = None
        if begun is not None:
            begun()
        try:
            if not isinstance(consumer, LivesOnSocket):
                return await run_events(consumer, scope_of(request, request.transport), request, _limits_of(consumer))
            if not _is_handshake(request):
                raise web.HTTPBadRequest(text="This address takes WebSocket connections only.")
            socket = AiohttpSocket(request, flow(request) if flow is not None else None, consumer.socket_limits)
            with kept_open(socket, request):
                try:
                    failed = await consumer._lanchat_run_on(socket)  # noqa: SLF001 - private to users, not to us
                    if failed is not None:
                        consumer.handler_failed(failed, "its connection")
                finally:
                    await socket.end()
            return await socket.response()
        finally:
            if ended is not None:
                ended(socket.close_code if socket is not None else None)

    return handle


def _limits_of(consumer: AsgiConsumer) -> SocketLimits:
    limits = getattr(consumer, "socket_limits", None)
    return limits if isinstance(limits, SocketLimits) else USUAL


def _check_origin(request: web.Request, consumer: AsgiConsumer) -> None:
    """Raise HTTPForbidden when the web page may not come in. Apps that are no consumers look at it themselves."""
    patterns = getattr(consumer, "allowed_origins", None)
    if patterns is None or hdrs.ORIGIN not in request.headers:
        return
    if not is_admitted(scope_of(request, request.transport), patterns):
        raise web.HTTPForbidden


def _is_handshake(request: web.Request) -> bool:
    try:
        return bool(web.WebSocketResponse().can_prepare(request))
    except ValueError:  # a key that is not even ASCII
        return False


def _close_at_the_end(app: web.Application) -> None:
    if OPEN_SOCKETS not in app:
        app[OPEN_SOCKETS] = OpenSockets()
        app.on_shutdown.append(_close_sockets)


async def _close_sockets(app: web.Application) -> None:
    await app[OPEN_SOCKETS].close()
