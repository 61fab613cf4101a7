"""The events of ASGI on aiohttp, for consumers that handle a connection's events themselves."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from aiohttp import web

from lanchat.consumers.aiohttp.open_sockets import kept_open
from lanchat.consumers.aiohttp.socket import AiohttpSocket
from lanchat.consumers.limits import USUAL, SocketLimits
from lanchat.consumers.outbox import abort
from lanchat.consumers.scope import AsgiConsumer, AsgiEvent, Scope

_log = logging.getLogger(__name__)
_FAILED = 1011
_LOOK = 0.5


async def run_events(
    consumer: AsgiConsumer, scope: Scope, request: web.Request, limits: SocketLimits = USUAL
) -> web.StreamResponse:
    """Run a consumer on one request, HTTP or WebSocket.

    What a consumer raises on a WebSocket is logged, and ends it with close code 1011.

    Raises:
        ValueError: the consumer sent an event that has no place in this connection.
        HTTPException: the request was refused, or not answered at all.
        Exception: whatever a handler of an HTTP request raises.
    """
    if scope["type"] != "websocket":
        return await _run(consumer, scope, HttpEvents(request))
    socket = AiohttpSocket(request, limits=limits)
    with kept_open(socket, request):
        return await _run(consumer, scope, WebSocketEvents(socket))


async def _run(consumer: AsgiConsumer, scope: Scope, connection: "HttpEvents | WebSocketEvents") -> web.StreamResponse:
    try:
        await consumer(scope, connection.receive, connection.send)
    except Exception as error:
        if not await connection.fail():
            raise
        _log.error("A consumer failed on its connection", exc_info=error)
    finally:
        await connection.end()
    return await connection.response()


class HttpEvents:
    """One HTTP request: https://asgi.readthedocs.io/en/latest/specs/www.html#http."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._read = False
        self._response: web.StreamResponse | None = None
        self._done = asyncio.Event()

    async def receive(self) -> AsgiEvent:
        """Return the next part of the request's body, and after the last one wait for the end."""
        if self._read:
            # aiohttp tells nobody that the client has left; whoever only listens would never learn it.
            while not self._done.is_set() and self._request.transport is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK):
                        await self._done.wait()
            return {"type": "http.disconnect"}
        body = await self._request.content.readany()
        self._read = self._request.content.at_eof()
        return {"type": "http.request", "body": body, "more_body": not self._read}

    async def send(self, event: AsgiEvent) -> None:
        """Take the head or a part of the answer."""
        if event["type"] == "http.response.start" and self._response is None:
            self._response = web.StreamResponse(status=event["status"])
            for name, value in _decoded(event.get("headers", ())):
                self._response.headers.add(name, value)
            await self._response.prepare(self._request)
        elif event["type"] == "http.response.body" and self._response is not None and not self._done.is_set():
            await self._response.write(event.get("body", b""))
            if not event.get("more_body", False):
                await self._response.write_eof()
                self._done.set()
        else:
            raise ValueError(f"The event {event['type']!r} has no place here.")

    async def fail(self) -> bool:
        """Return False: aiohttp answers with status 500, and logs why."""
        return False

    async def end(self) -> None:
        """Let nobody wait any longer; cut an answer that was not ended, so that its client can see that."""
        if self._response is not None and not self._done.is_set() and self._request.transport is not None:
            abort(self._request.transport)
        self._done.set()

    async def response(self) -> web.StreamResponse:
        """Return what the aiohttp handler returns."""
        if self._response is None:
            raise web.HTTPInternalServerError(text="The request was not answered.")
        return self._response


class WebSocketEvents:
    """One WebSocket: https://asgi.readthedocs.io/en/latest/specs/www.html#websocket."""

    def __init__(self, socket: AiohttpSocket) -> None:
        self._socket = socket
        self._connected = False
        self._answered = asyncio.Event()

    async def receive(self) -> AsgiEvent:
        """Return the next event of the client."""
        if not self._connected:
            self._connected = True
            return {"type": "websocket.connect"}
        await self._answered.wait()
        data = await self._socket.receive()
        if data is None:
            return {"type": "websocket.disconnect", "code": self._socket.close_code}
        return {"type": "websocket.receive", "text" if isinstance(data, str) else "bytes": data}

    async def send(self, event: AsgiEvent) -> None:
        """Take an event of ours."""
        match event:
            case {"type": "websocket.accept"}:
                await self._socket.accept(event.get("subprotocol"), _decoded(event.get("headers", ())))
                self._answered.set()
            case {"type": "websocket.send", "text": str(text)}:
                self._socket.send_text(text)
                await self._drained()
            case {"type": "websocket.send", "bytes": bytes(data)}:
                self._socket.send_bytes(data)
                await self._drained()
            case {"type": "websocket.close"}:
                await self._socket.close(event.get("code") or 1000, event.get("reason") or "")
                self._answered.set()
            case _:
                raise ValueError(f"The event {event.get('type')!r} has no place here.")

    async def fail(self) -> bool:
        """Close the connection, if nobody has, because something went wrong; False before the handshake is answered."""
        if self._answered.is_set():
            await self._socket.close(_FAILED)
        return self._answered.is_set()

    async def end(self) -> None:
        """Close the connection, if nobody has."""
        await self._socket.close()
        await self._socket.end()

    async def response(self) -> web.StreamResponse:
        """Return what the aiohttp handler returns."""
        return await self._socket.response()

    async def _drained(self) -> None:
        if self._socket.congested:
            await self._socket.drained()


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
