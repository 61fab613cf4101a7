"""One WebSocket of aiohttp's server, as a consumer uses it."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from aiohttp import WebSocketError, WSMsgType, web

from lanchat.consumers.outbox import SLOW, Fanout, Outbox, binary_frame
from lanchat.consumers.socket import ClientGone

MAX_MESSAGE = 65_536
"""Largest message of a client, in bytes; a larger one closes the connection with code 1009."""
PING = 20.0
"""Seconds of silence after which the client is pinged; without an answer within half of it the connection ends."""
_CLOSING = 1.0
_LOOK = 0.5
_BROKEN = 1006
_DATA = (WSMsgType.TEXT, WSMsgType.BINARY)
_FRAMES = (*_DATA, WSMsgType.PING, WSMsgType.PONG)

_fanouts: WeakKeyDictionary[asyncio.AbstractEventLoop, Fanout] = WeakKeyDictionary()


class AiohttpSocket:
    """One WebSocket of aiohttp's server. aiohttp reads, pings and closes; what is sent goes through an outbox.

    Compression is off: a deflate window per connection costs memory and CPU, and lets a small message become huge.

    Args:
        request: the handshake.
        pace: takes the size of each frame that comes in, pings too, and returns the seconds to wait before it is
            handed on; meanwhile nothing more is read. None waits for nothing.
    """

    __slots__ = ("__weakref__", "_closing", "_code", "_outbox", "_pace", "_request", "_websocket")

    def __init__(self, request: web.Request, pace: Callable[[int], float] | None = None) -> None:
        self._request = request
        self._pace = pace
        self._websocket: web.WebSocketResponse | None = None
        self._outbox: Outbox | None = None
        self._code: int | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the handshake was answered with yes."""
        return self._outbox is not None

    @property
    def close_code(self) -> int:
        """The code with which the connection ended; 1006 when it broke, 4008 when its reader was too slow."""
        if self._outbox is not None and self._outbox.cut:
            return SLOW
        theirs = self._websocket.close_code if self._websocket is not None else None
        code = theirs if self._code is None else self._code
        return _BROKEN if code is None else int(code)

    async def accept(self, subprotocol: str | None = None, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Answer the handshake with yes.

        Raises:
            ClientGone: the client has left.
            RuntimeError: it was answered already.
        """
        if self.accepted or self._code is not None:
            raise RuntimeError("The handshake was answered already.")
        websocket = web.WebSocketResponse(
            timeout=_CLOSING,
            heartbeat=PING,
            compress=False,
            autoping=False,  # pings are answered below, at their pace
            max_msg_size=MAX_MESSAGE + 1,  # aiohttp refuses what reaches it
            protocols=(subprotocol,) if subprotocol else (),
        )
        websocket.headers.extend(headers)
        try:
            await websocket.prepare(self._request)
        except ConnectionError as error:
            raise ClientGone("The client left during the handshake.") from error
        transport = self._request.transport
        if not isinstance(transport, asyncio.WriteTransport):
            raise ClientGone("The client left during the handshake.")
        self._websocket = websocket
        self._outbox = Outbox(transport, _fanout())

    async def receive(self) -> str | bytes | None:
        """Wait for the next message of the client; None when the connection has ended."""
        if self._websocket is None:
            return None
        while (message := await self._websocket.receive()).type in _FRAMES:
            data: str | bytes = message.data
            if self._pace is not None and not await self._may_go_on(self._pace(_size(data))):
                return None
            if message.type in _DATA:
                return data
            if message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await self._websocket.pong(bytes(message.data))
        if isinstance(message.data, WebSocketError):
            self._code = message.data.code  # why it was closed, which aiohttp itself forgets
        return None

    def send_text(self, payload: str | bytes) -> None:
        """Send one text message; bytes are UTF-8 already. Raises RuntimeError before `accept`."""
        outbox = self._outbox or self._refuse()
        outbox.write(outbox.fanout.text(payload))

    def send_bytes(self, payload: bytes) -> None:
        """Send one binary message. Raises RuntimeError before `accept`."""
        self.write(binary_frame(payload))

    def write(self, frames: bytes) -> None:
        """Send ready-made WebSocket frames; nothing happens when the connection is closed.

        Raises:
            RuntimeError: it is not accepted yet.
        """
        (self._outbox or self._refuse()).write(frames)

    @property
    def push(self) -> Callable[[bytes], None]:
        """Sends ready-made WebSocket frames now, behind what waits; for what comes once in a turn to everybody."""
        return (self._outbox or self._refuse()).push

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Send what waits, then close, whether the client answers or not; before `accept` refuse the handshake."""
        if self._code is None and self.close_code == _BROKEN:
            self._code = code
            if self.accepted:
                self._closing = asyncio.get_running_loop().create_task(self._close(code, reason))
        if self._closing is not None:
            # Who asked for it may be cancelled at the end of the connection, which this is.
            await asyncio.shield(self._closing)

    async def end(self) -> None:
        """Let the client take what was sent, but not for ever."""
        if self._closing is not None:
            await asyncio.wait({self._closing})
        if self._outbox is not None:
            self._outbox.end()

    async def response(self) -> web.StreamResponse:
        """Return what the aiohttp handler returns. Raises HTTPForbidden when the handshake was refused."""
        if self._websocket is None:
            raise web.HTTPForbidden
        return self._websocket

    async def _may_go_on(self, wait: float) -> bool:
        """Wait so many seconds; False as soon as the client is gone, whose frames nobody needs to hear any more."""
        if wait:
            loop = asyncio.get_running_loop()
            until = loop.time() + wait
            while (left := until - loop.time()) > 0:
                if self._request.transport is None:
                    return False
                await asyncio.sleep(min(left, _LOOK))
        return True

    async def _close(self, code: int, reason: str) -> None:
        if self._outbox is None or self._websocket is None:
            return
        self._outbox.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await self._websocket.close(code=code, message=reason.encode())
        if self._websocket.close_code == _BROKEN:
            self._outbox.abort()

    def _refuse(self) -> Outbox:
        raise RuntimeError("The connection is not accepted; nothing can be sent.")


class OpenSockets:
    """The WebSockets of an app that are open now."""

    def __init__(self) -> None:
        self.sockets: set[AiohttpSocket] = set()

    async def close(self) -> None:
        """Inform every client that the node goes away."""
        await asyncio.gather(*(socket.close(1001, "going away") for socket in tuple(self.sockets)))


OPEN_SOCKETS = web.AppKey("open_sockets", OpenSockets)
"""Where an app that wants to close its WebSockets when it stops keeps them."""


def _size(data: str | bytes) -> int:
    return len(data.encode()) if isinstance(data, str) and not data.isascii() else len(data)


def _fanout() -> Fanout:
    loop = asyncio.get_running_loop()
    fanout = _fanouts.get(loop)
    if fanout is None:
        fanout = _fanouts[loop] = Fanout()
    return fanout
