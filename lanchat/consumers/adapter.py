"""Consumers on aiohttp: one handler per consumer class, one socket per connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import WSMsgType, web

from lanchat.consumers.base import Scope
from lanchat.consumers.outbox import SLOW, Fanout, Outbox, binary_frame, text_frame
from lanchat.consumers.websocket import AsyncWebsocketConsumer

MAX_MESSAGE = 65_536
"""Largest message of a client, in bytes; a larger one closes the connection with code 1009."""
PING = 20.0
"""Seconds of silence after which the client is pinged; without an answer within half of it the connection ends."""
_CLOSING = 1.0
_BROKEN = 1006

_fanouts: WeakKeyDictionary[asyncio.AbstractEventLoop, Fanout] = WeakKeyDictionary()


def websocket_handler(
    make: Callable[[], AsyncWebsocketConsumer],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Give the aiohttp handler that runs one consumer, made by `make`, per connection."""

    async def handle(request: web.Request) -> web.StreamResponse:
        socket = AiohttpSocket(request)
        sockets = request.app[OPEN_SOCKETS].sockets if OPEN_SOCKETS in request.app else set()
        sockets.add(socket)
        try:
            await make().run(_scope(request), socket)
        finally:
            sockets.discard(socket)
            socket.end()
        return await socket.response()

    return handle


class AiohttpSocket:
    """One WebSocket of aiohttp's server. aiohttp reads, pings and closes; what is sent goes through an outbox.

    Compression is off: a deflate window per connection costs memory and CPU, and is a door for bombs.
    """

    __slots__ = ("_outbox", "_request", "_websocket")

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._websocket: web.WebSocketResponse | None = None
        self._outbox: Outbox | None = None

    @property
    def accepted(self) -> bool:
        """Whether the handshake was answered with yes."""
        return self._websocket is not None

    @property
    def close_code(self) -> int:
        """The code with which the connection ended; 1006 when it broke, 4008 when its reader was too slow."""
        if self._outbox is not None and self._outbox.cut:
            return SLOW
        code = self._websocket.close_code if self._websocket is not None else None
        return _BROKEN if code is None else int(code)

    async def accept(self, subprotocol: str | None = None, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Answer the handshake with yes."""
        websocket = web.WebSocketResponse(
            timeout=_CLOSING,
            heartbeat=PING,
            compress=False,
            max_msg_size=MAX_MESSAGE + 1,  # aiohttp refuses what reaches it
            protocols=(subprotocol,) if subprotocol else (),
        )
        websocket.headers.extend(headers)
        await websocket.prepare(self._request)
        transport = self._request.transport
        if not isinstance(transport, asyncio.WriteTransport):
            raise ConnectionResetError("The client left during the handshake.")
        self._websocket = websocket
        self._outbox = Outbox(transport, _fanout())

    def send_text(self, payload: bytes) -> None:
        """Send one text message, given in UTF-8."""
        self.write(text_frame(payload))

    def send_bytes(self, payload: bytes) -> None:
        """Send one binary message."""
        self.write(binary_frame(payload))

    def write(self, frames: bytes) -> None:
        """Send ready-made WebSocket frames; nothing happens when the connection is closed."""
        if self._outbox is not None:
            self._outbox.write(frames)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Send what waits, then close, whether the client answers or not; before `accept` refuse the handshake."""
        if self._websocket is None or self._outbox is None:
            return
        self._outbox.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await self._websocket.close(code=code, message=reason.encode())
        if self._websocket.close_code == _BROKEN:
            self._outbox.abort()

    def end(self) -> None:
        """Let the client take what was sent, but not for ever."""
        if self._outbox is not None:
            self._outbox.end()

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Give the messages of the client until the connection ends."""
        if self._websocket is None:
            return
        async for message in self._websocket:
            if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                yield message.data

    async def response(self) -> web.StreamResponse:
        """Give what the aiohttp handler returns."""
        if self._websocket is None:
            raise web.HTTPForbidden
        return self._websocket


class OpenSockets:
    """The WebSockets of an app that are open now."""

    def __init__(self) -> None:
        self.sockets: set[AiohttpSocket] = set()

    async def close(self) -> None:
        """Tell every client that the node goes away."""
        await asyncio.gather(*(socket.close(1001, "going away") for socket in tuple(self.sockets)))


OPEN_SOCKETS = web.AppKey("open_sockets", OpenSockets)
"""Where an app that wants to close its WebSockets when it stops keeps them."""


def _fanout() -> Fanout:
    loop = asyncio.get_running_loop()
    fanout = _fanouts.get(loop)
    if fanout is None:
        fanout = _fanouts[loop] = Fanout()
    return fanout


def _scope(request: web.Request) -> Scope:
    client: Any = request.transport.get_extra_info("peername") if request.transport else None
    return {
        "type": "websocket",
        "path": request.path,
        "query_string": request.rel_url.raw_query_string.encode(),
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": client[:2] if client else None,
        "path_params": dict(request.match_info),
        "url_route": {"args": (), "kwargs": dict(request.match_info)},
    }
