"""How connections come in: one at a time, as long as there is a place for them, and never in a spin.

One port takes both TLS, which other nodes speak, and plain HTTP, for guests' browsers: the first byte tells.

asyncio's own servers accept whatever comes. When no descriptor is left, they try again a hundred times in each turn of
the loop, and write an error for each.
"""

import asyncio
import contextlib
import errno
import logging
import math
import socket
import ssl
import sys
import time
from typing import Any

from aiohttp import web

from lanchat.lan.connection import NodeAddress
from lanchat.limits import TokenRate, Turnstile
from lanchat.web.between import Between
from lanchat.web.first_byte import TLS, first_byte
from lanchat.web.http_connection import HttpConnection

IDLE = 75.0
"""Seconds that a connection without a whole request stays open, unless something else is said."""
PAUSE = 0.5
"""Seconds that nobody is accepted after the system had no descriptor or no memory for one more."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BETWEEN = 60.0
_GOODBYE = 1.0
_buffer = memoryview(bytearray(16_384))

_log = logging.getLogger(__name__)


class Entrance(web.BaseSite):
    """Accepts the connections of one listening socket for an app.

    Args:
        runner: the app's.
        sock: listens already.
        turnstile: decides who gets a place.
        flood: bytes that one connection may send whatever they are; beyond it, it is cut off. None for connections
            that may send what they like.
        idle: seconds after which a connection is closed that has no whole request; so long it has for its first byte,
            and then for the handshake of TLS.
        tls: how to answer those who begin with TLS; None where nobody does.
        between: takes of those the ones who want another node, and hands them on to it; None where nobody is handed on.

    Attributes:
        flood: the same.
    """

    __slots__ = ("_arriving", "_between", "_idle", "_sock", "_task", "_tls", "_told", "_turnstile", "flood")

    def __init__(
        self,
        runner: web.AppRunner,
        sock: socket.socket,
        turnstile: Turnstile,
        flood: TokenRate | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        idle: float = IDLE,
        between: Between | None = None,
    ) -> None:
        super().__init__(runner)
        self._idle = idle
        self._sock = sock
        self._turnstile = turnstile
        self.flood = flood
        self._tls = tls
        self._between = between
        self._task: asyncio.Task[None] | None = None
        self._arriving: set[asyncio.Task[None]] = set()
        self._told = -math.inf

    @property
    def name(self) -> str:
        """The address, as a URL."""
        return NodeAddress(*self._sock.getsockname()[:2]).url

    async def start(self) -> None:
        """Accept from now on."""
        await super().start()
        self._task = asyncio.create_task(self._accept_forever(), name=f"entrance {self.name}")

    async def stop(self) -> None:
        """Accept nobody more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            await asyncio.sleep(0)  # who has just come must have begun to close its connection when it is cancelled
            for arriving in self._arriving:
                arriving.cancel()
            await asyncio.gather(*self._arriving, return_exceptions=True)
        self._sock.close()
        await super().stop()

    async def _accept_forever(self) -> None:
        while True:
            try:
                connection, peer = await self._accept()
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._tell("Nobody can be let in for a moment: %s", error.strerror)
                    await asyncio.sleep(PAUSE)
                else:  # a client that has left already, or a network that has: nothing of ours
                    await asyncio.sleep(0)
                continue
            if self._turnstile.enter(peer[0], time.monotonic()):
                await self._receive(connection, sys.intern(peer[0]))
            else:
                self._tell("More connections than there is place for; one of %s was refused", peer[0])
                connection.close()
            await asyncio.sleep(0)  # those who are in have their turn, however many want to come

    async def _accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection and where it comes from. Raises OSError."""
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":  # its loop has no readers
            return await loop.sock_accept(self._sock)
        while True:
            try:
                connection, peer = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                # Not `sock_accept`: it takes a connection that comes just when it is cancelled, and never closes it.
                ready = asyncio.Event()
                loop.add_reader(self._sock, ready.set)
                try:
                    await ready.wait()
                finally:
                    loop.remove_reader(self._sock)
            else:
                connection.setblocking(False)
                return connection, peer

    async def _receive(self, connection: socket.socket, address: str) -> None:
        """Let a connection in; where it may be TLS, once it has said so, while others are accepted."""
        if self._tls is None:
            await self._let_in(connection, address, None)
            return
        arriving = asyncio.create_task(self._look_and_let_in(connection, address, self._tls))
        self._arriving.add(arriving)
        arriving.add_done_callback(self._arriving.discard)

    async def _look_and_let_in(self, connection: socket.socket, address: str, tls: ssl.SSLContext) -> None:
        begin, stays = b"", False
        try:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(self._idle):
                    begin = await first_byte(connection)
            elsewhere = begin == TLS and self._between is not None and await self._between.take(connection)
            stays = begin != b"" and not elsewhere
        finally:
            if not stays:
                self._turn_away(connection, address)
        if stays:
            await self._let_in(connection, address, tls if begin == TLS else None)

    async def _let_in(self, connection: socket.socket, address: str, tls: ssl.SSLContext | None) -> None:
        server = self._runner.server
        if server is None:
            self._turn_away(connection, address)
            return
        inside = _Inside(HttpConnection(server, self._idle), self, address)
        patience, goodbye = (None, None) if tls is None else (self._idle, _GOODBYE)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: inside,
                connection,
                ssl=tls,
                ssl_handshake_timeout=patience,
                ssl_shutdown_timeout=goodbye,
            )
        except (OSError, asyncio.CancelledError) as error:
            inside.gone()
            connection.close()
            if isinstance(error, asyncio.CancelledError):
                raise

    def _turn_away(self, connection: socket.socket, address: str) -> None:
        self._turnstile.leave(address)
        connection.close()

    def left(self, address: str) -> None:
        """Give the place of a connection back."""
        self._turnstile.leave(address)

    def _tell(self, line: str, *arguments: object) -> None:
        now = time.monotonic()
        if now - self._told >= _BETWEEN:
            self._told = now
            _log.warning(line, *arguments)


class _Inside(asyncio.BufferedProtocol):
    """One connection that was let in: hands everything on to aiohttp, counts its bytes, and tells when it has ended.

    All read into one buffer, one after the other: asyncio's own way makes and frees 256 KiB for each read, and takes as
    many frames of one connection before another has its turn.
    """

    __slots__ = ("_address", "_entrance", "_full", "_inner")

    def __init__(self, inner: web.RequestHandler, entrance: Entrance, address: str) -> None:
        self._inner = inner
        self._entrance: Entrance | None = entrance
        self._address = address
        self._full = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner.connection_made(transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio asks so
        return _buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._entrance is not None and (flood := self._entrance.flood) is not None:
            now = time.monotonic()
            self._full = flood.after(self._full, now, nbytes)
            if flood.wait(self._full, now) and (transport := self._inner.transport) is not None:
                transport.abort()
                return
        self._inner.data_received(bytes(_buffer[:nbytes]))

    def eof_received(self) -> None:
        self._inner.eof_received()
        if (transport := self._inner.transport) is not None:
            transport.close()  # as TCP does by itself; over TLS nobody would notice, and go on to write

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone()
        with contextlib.suppress(RuntimeError):
            self._inner.connection_lost(error)

    def gone(self) -> None:
        """Give the place back, once."""
        entrance, self._entrance = self._entrance, None
        if entrance is not None:
            entrance.left(self._address)
