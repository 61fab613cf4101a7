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
import time
from collections.abc import Callable

from aiohttp import web

from lanchat.lan.connection import NodeAddress
from lanchat.limits import TokenBucket, Turnstile
from lanchat.web.first_byte import TLS, first_byte

PAUSE = 0.5
"""Seconds that nobody is accepted after the system had no descriptor or no memory for one more."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BETWEEN = 60.0
_GOODBYE = 1.0

_log = logging.getLogger(__name__)


class Entrance(web.BaseSite):
    """Accepts the connections of one listening socket for an app.

    Args:
        runner: the app's.
        sock: listens already.
        turnstile: decides who gets a place.
        flood: makes the bucket of bytes that one connection may send whatever it is; beyond it, it is cut off. None
            for connections that may send what they like.
        tls: how to answer those who begin with TLS; None where nobody does.
        patience: seconds that a connection has for its first byte, and then for the handshake of TLS.
    """

    __slots__ = ("_arriving", "_flood", "_patience", "_sock", "_task", "_tls", "_told", "_turnstile")

    def __init__(
        self,
        runner: web.AppRunner,
        sock: socket.socket,
        turnstile: Turnstile,
        flood: Callable[[], TokenBucket] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        patience: float = 10.0,
    ) -> None:
        super().__init__(runner)
        self._sock = sock
        self._turnstile = turnstile
        self._flood = flood
        self._tls = tls
        self._patience = patience
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
            ending = {self._task, *self._arriving}
            for task in ending:
                task.cancel()
            await asyncio.wait(ending)
        self._sock.close()
        await super().stop()

    async def _accept_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(self._sock)
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._tell("Nobody can be let in for a moment: %s", error.strerror)
                    await asyncio.sleep(PAUSE)
                else:  # a client that has left already, or a network that has: nothing of ours
                    await asyncio.sleep(0)
                continue
            if self._turnstile.enter(peer[0], time.monotonic()):
                await self._receive(connection, peer[0])
            else:
                self._tell("More connections than there is place for; one of %s was refused", peer[0])
                connection.close()
            await asyncio.sleep(0)  # those who are in have their turn, however many want to come

    async def _receive(self, connection: socket.socket, address: str) -> None:
        """Let a connection in; where it may be TLS, once it has said so, while others are accepted."""
        if self._tls is None:
            await self._let_in(connection, address, None)
            return
        arriving = asyncio.create_task(self._look_and_let_in(connection, address, self._tls))
        self._arriving.add(arriving)
        arriving.add_done_callback(self._arriving.discard)

    async def _look_and_let_in(self, connection: socket.socket, address: str, tls: ssl.SSLContext) -> None:
        begin = b""
        try:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(self._patience):
                    begin = await first_byte(connection)
        finally:
            if not begin:
                self._turn_away(connection, address)
        if begin:
            await self._let_in(connection, address, tls if begin == TLS else None)

    async def _let_in(self, connection: socket.socket, address: str, tls: ssl.SSLContext | None) -> None:
        server = self._runner.server
        if server is None:
            self._turn_away(connection, address)
            return
        flood = self._flood() if self._flood is not None else None
        inside = _Inside(server(), lambda: self._turnstile.leave(address), flood)
        patience, goodbye = (None, None) if tls is None else (self._patience, _GOODBYE)
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

    def _tell(self, line: str, *arguments: object) -> None:
        now = time.monotonic()
        if now - self._told >= _BETWEEN:
            self._told = now
            _log.warning(line, *arguments)


class _Inside(asyncio.Protocol):
    """One connection that was let in: hands everything on to aiohttp, counts its bytes, and tells when it has ended."""

    __slots__ = ("_flood", "_inner", "_on_end", "_transport")

    def __init__(self, inner: web.RequestHandler, on_end: Callable[[], None], flood: TokenBucket | None) -> None:
        self._inner = inner
        self._on_end: Callable[[], None] | None = on_end
        self._flood = flood
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP gives no other
        self._transport = transport
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._flood is None or not self._flood.spend(time.monotonic(), len(data)):
            self._inner.data_received(data)
        elif self._transport is not None:
            self._transport.abort()

    def eof_received(self) -> None:
        self._inner.eof_received()
        if self._transport is not None:
            self._transport.close()  # as TCP does by itself; over TLS nobody would notice, and go on to write

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
        if self._on_end is not None:
            self._on_end()
            self._on_end = None
