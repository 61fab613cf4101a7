"""One WebSocket of aiohttp's server, as a consumer uses it."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

from aiohttp import WebSocketError, WSMsgType, web

from lanchat.consumers.aiohttp.scope import CLIENT, peer_of, scope_of
from lanchat.consumers.aiohttp.turns import LoopTurns
from lanchat.consumers.errors import ClientGone
from lanchat.consumers.limits import USUAL, SocketLimits
from lanchat.consumers.outbox import PING_FRAME, SLOW, Fanout, Outbox, binary_frame, pong_frame
from lanchat.consumers.scope import Scope
from lanchat.consumers.timer_wheel import TimerWheel

PING = 20.0
"""Most seconds of silence before the client is pinged; without an answer within half of it the connection ends."""
_CLOSING = 1.0
_TURN = 32
"""Messages of one client that are handed on in one turn of the event loop: what has come in is had without waiting."""
_LOOK = 0.5
_BROKEN = 1006
_DATA = (WSMsgType.TEXT, WSMsgType.BINARY)
_FRAMES = (*_DATA, WSMsgType.PING, WSMsgType.PONG)
_PINGED, _LOST = 2, 3


class FrameFlow(Protocol):
    """Decides how fast the frames of one connection are read."""

    def take(self, size: int, now: float) -> float:
        """Count a frame.

        Args:
            size: what it says, in bytes.
            now: seconds of the monotonic clock.

        Returns:
            Seconds to wait before it is handed on; meanwhile nothing more is read.
        """


class AiohttpSocket:
    """One WebSocket of aiohttp's server. aiohttp reads and closes; what is sent goes through an outbox.

    Compression is off: a deflate window per connection costs memory and CPU, and lets a small message become huge. The
    heartbeat of aiohttp is off too: its timers and their bookkeeping take two kilobytes of each connection.

    Args:
        request: the handshake.
        flow: decides how fast its frames are read, pings too. None waits for nothing.
        limits: how much may wait, and how large a message of the client may be.
    """

    __slots__ = (
        "_closing",
        "_code",
        "_draining",
        "_flow",
        "_limits",
        "_outbox",
        "_request",
        "_shared",
        "_silence",
        "_taken",
        "_transport",
        "_turn",
        "_websocket",
    )

    def __init__(self, request: web.Request, flow: FrameFlow | None = None, limits: SocketLimits = USUAL) -> None:
        self._request = request
        self._flow = flow
        self._limits = limits
        self._draining: asyncio.Task[None] | None = None
        self._transport = request.transport  # the request itself forgets it when the connection ends
        self._websocket: web.WebSocketResponse | None = None
        self._outbox: Outbox | None = None
        self._code: int | None = None
        self._closing: asyncio.Task[None] | None = None
        self._shared = _shared()
        self._turn = self._taken = 0
        # Halves of PING in which nothing came; None while nobody waits for it, and a pong would not be seen.
        self._silence: int | None = None

    @property
    def scope(self) -> Scope:
        """What is known of the connection; made when somebody looks at it, which most consumers never do."""
        return scope_of(self._request, self._transport)

    @property
    def peer(self) -> str:
        """The client's address, without its port; empty when it is not known."""
        return self._request.get(CLIENT, "") or peer_of(self._transport)

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

    @property
    def unwanted(self) -> bool:
        """Whether the server wants this connection to end, which it does when it stops."""
        return self._request.protocol._close  # noqa: SLF001 - there is no other way

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
            autoping=False,  # pings are answered in `receive`, at their pace
            compress=False,
            max_msg_size=(self._limits.max_message or -1) + 1,  # aiohttp refuses what reaches it, but for 0 nothing
            protocols=(subprotocol,) if subprotocol else (),
        )
        websocket.headers.extend(headers)
        try:
            await websocket.prepare(self._request)
        except ConnectionError as error:
            raise ClientGone("The client left during the handshake.") from error
        if not isinstance(self._transport, asyncio.WriteTransport):
            raise ClientGone("The client left during the handshake.")
        websocket.headers.clear()  # sent, and not looked at again
        self._websocket = websocket
        self._outbox = Outbox(self._transport, self._shared.fanout, self._limits.max_waiting)
        self._shared.silences.add(self)

    async def receive(self) -> str | bytes | None:
        """Wait for the next message of the client; None when the connection has ended."""
        if self._websocket is None:
            return None
        self._silence = 0
        message = await self._websocket.receive()
        while message.type in _FRAMES:
            if self._flow is not None and (wait := self._flow.take(_size(message.data), time.monotonic())):
                self._silence = None
                if not await self._may_go_on(wait):
                    return None
            if self._taken == _TURN and self._turn == self._shared.turns.current():
                await asyncio.sleep(0)
            if self._turn != (turn := self._shared.turns.current()):
                self._turn, self._taken = turn, 0
            self._taken += 1
            if message.type in _DATA:
                self._silence = None
                data: str | bytes = message.data
                return data
            self._silence = 0
            if message.type is WSMsgType.PING:
                self.frames.write(pong_frame(message.data))
            message = await self._websocket.receive()
        self._silence = None
        if isinstance(message.data, WebSocketError):
            self._code = message.data.code  # why it was closed, which aiohttp itself forgets
        return None

    def send_text(self, payload: str | bytes) -> None:
        """Send one text message; bytes are UTF-8 already. Raises RuntimeError before `accept`."""
        outbox = self.frames
        outbox.write(outbox.fanout.text(payload))

    def send_bytes(self, payload: bytes) -> None:
        """Send one binary message. Raises RuntimeError before `accept`."""
        self.frames.write(binary_frame(payload))

    @property
    def congested(self) -> bool:
        """Whether so much waits for the client that more of it should wait too."""
        return self._outbox is not None and self._outbox.congested

    async def drained(self) -> None:
        """Wait until less waits for the client; one that takes nothing for too long is cut off."""
        outbox = self.frames
        outbox.flush()
        while self._request.protocol.writing_paused and self._code is None and not outbox.cut:
            waited = outbox.waiting()
            if self._draining is None or self._draining.done():
                # One for all who wait: aiohttp has one future for them, which the first that is cancelled would cancel.
                self._draining = asyncio.ensure_future(self._request.writer.drain())
            await asyncio.wait({self._draining}, timeout=self._limits.patience)
            if not self._draining.done() and outbox.waiting() >= waited:
                outbox.cut_off()
        outbox.behind = False

    @property
    def frames(self) -> Outbox:
        """Where ready-made WebSocket frames go; nothing happens to them when the connection is closed.

        Raises:
            RuntimeError: it is not accepted yet.
        """
        return self._outbox or self._refuse()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Send what waits, then close, whether the client answers or not; before `accept` refuse the handshake."""
        if self._code is None and self.close_code == _BROKEN:
            self._code = code
            if self.accepted:
                self._closing = asyncio.get_running_loop().create_task(self._close(code, reason))
        if self._closing is not None:
            # Who asked for it may be cancelled at the end of the connection, which this is.
            await asyncio.shield(self._closing)

    def check_silence(self) -> None:
        """Ping a client that was silent, and give up one that did not answer that. Called every half of PING."""
        if self._silence is None or self._outbox is None:
            return
        self._silence += 1
        if self._silence == _PINGED:
            self._outbox.write(PING_FRAME)
        elif self._silence == _LOST:
            self._outbox.abort()

    async def end(self) -> None:
        """Let the client take what was sent, but not for ever."""
        self._shared.silences.discard(self)
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


def _size(data: str | bytes) -> int:
    return len(data.encode()) if isinstance(data, str) and not data.isascii() else len(data)


class _Shared:
    """What the sockets of one event loop have in common: their turns, what flushes them, and what notices silence."""

    def __init__(self) -> None:
        self.turns = LoopTurns()
        self.fanout = Fanout()
        self.silences = TimerWheel(lambda: PING / 2, AiohttpSocket.check_silence)


_shares: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


def _shared() -> _Shared:
    loop = asyncio.get_running_loop()
    shared = _shares.get(loop)
    if shared is None:
        shared = _shares[loop] = _Shared()
    return shared
