"""Consumers of one WebSocket connection, as in Django Channels and Fast Channels."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Iterable, Sequence
from typing import ClassVar

from lanchat.consumers.base import AsyncConsumer, StopConsumer
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.consumers.socket import ClientGone, Header, Socket
from lanchat.errors import LayerError

_log = logging.getLogger(__name__)
_FAILED, _AGAIN = 1011, 1013


class AcceptConnection(Exception):
    """Raised in `connect` to accept the connection."""


class DenyConnection(Exception):
    """Raised in `connect` to refuse the connection."""


class WebsocketLife(AsyncConsumer, base=True):
    """The life of one WebSocket connection, for the consumer classes that decide how its parts are written.

    What `connect`, `receive` or `disconnect` raise is logged and ends the connection with close code 1011, and nothing
    else. A layer that cannot be reached ends it with 1013: try again later.

    Attributes:
        groups: groups of the layer that the consumer is in from before `connect` until the end of the connection.
            Their messages wait until the connection is accepted.
        socket: the connection.
    """

    groups: ClassVar[Sequence[str]] = ()
    socket: Socket

    _closing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one WebSocket connection as an ASGI app.

        Raises:
            ValueError: it is a connection of another kind.
        """
        from lanchat.consumers.asgi import AsgiSocket  # noqa: PLC0415 - aiohttp's connections need none of it

        if scope["type"] != "websocket":
            raise ValueError(f"{type(self).__name__} is for WebSocket connections, not for {scope['type']!r}.")
        socket = AsgiSocket(scope, receive, send)
        try:
            await self.run(socket)
        finally:
            await socket.end()

    @functools.cached_property
    def scope(self) -> Scope:  # type: ignore[override]  # can be written, as any cached property
        """What is known of the connection, as its socket says it."""
        return self.socket.scope

    async def run(self, socket: Socket) -> None:
        """Live through one connection: connect, receive until it ends, disconnect."""
        self.socket = socket
        try:
            await self._open(socket)
            # Here and in no coroutine of its own, because idle connections spend their lives in this line.
            while socket.accepted and (data := await socket.receive()) is not None:
                await self._take(data)
                del data  # it would be kept until the next one comes
        except StopConsumer:
            await socket.close(1000, "")
        except ClientGone:
            _log.debug("A client of %s left during the handshake", type(self).__name__)
        except Exception as error:  # noqa: BLE001 - one connection's fault ends that connection
            self.failed(error, "its connection")
            await socket.close(_AGAIN if isinstance(error, LayerError) and error.retry else _FAILED, "")
        finally:
            await self._leave(socket)

    async def _open(self, socket: Socket) -> None:
        await self.open_channel()
        await self._join_groups()
        try:
            async with self._turn or contextlib.nullcontext():
                await self._begin()
        except AcceptConnection:
            await self._accept()
        except DenyConnection:
            await socket.close(1000, "")

    async def _take(self, data: str | bytes) -> None:
        if self._turn is None:
            await self._received(data)
        else:
            async with self._turn:
                await self._received(data)

    async def _join_groups(self) -> None:
        if self.groups and self.channel_layer is None:
            raise LayerError(f"{type(self).__name__} has groups, but no layer is called {self.channel_layer_alias!r}.")
        for group in self.groups:
            assert self.channel_layer is not None  # noqa: S101 - checked above
            await self.channel_layer.group_add(group, self.channel_name)

    async def _leave(self, socket: Socket) -> None:
        try:
            if socket.accepted:
                async with self._turn or contextlib.nullcontext():
                    await self._disconnected(socket.close_code)
        except Exception as error:  # noqa: BLE001 - the groups are left all the same
            self.failed(error, "its disconnect")
            await socket.close(_FAILED, "")
        finally:
            await self.close_channel()

    async def _accept(self, subprotocol: str | None = None, headers: Iterable[Header] = ()) -> None:
        """Accept the connection; from now on messages of the layer reach their handlers."""
        await self.socket.accept(subprotocol, [(_text(name), _text(value)) for name, value in headers])
        self.listen()

    async def _send(self, text_data: str | None, bytes_data: bytes | None, close: bool | int) -> None:
        """Send one message, and then close the connection if `close` is true or a close code."""
        if text_data is not None:
            self.socket.send_text(text_data)
        elif bytes_data is not None:
            self.socket.send_bytes(bytes_data)
        else:
            raise ValueError("send needs text_data or bytes_data")
        if close is not False:
            await self._close(close, None)

    async def _close(self, code: int | bool | None, reason: str | None) -> None:
        """Close the connection; True counts as no code given, as in Django Channels."""
        await self.socket.close(1000 if code is None or code is True else int(code), reason or "")

    def _fall_behind(self) -> None:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self.socket.close(_AGAIN, "too slow"))

    async def _begin(self) -> None:
        """Call `connect`."""
        raise NotImplementedError

    async def _received(self, data: str | bytes) -> None:
        """Call `receive`."""
        raise NotImplementedError

    async def _disconnected(self, code: int) -> None:
        """Call `disconnect`."""
        raise NotImplementedError


class AsyncWebsocketConsumer(WebsocketLife, base=True):
    """One WebSocket connection. Derive from it and override `connect`, `receive` and `disconnect`.

    A connection that `connect` neither accepts nor closes is refused.
    """

    async def connect(self) -> None:
        """Accept the connection, or refuse it with `close`. Called when it begins."""
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client."""

    async def disconnect(self, code: int) -> None:
        """Do what is to be done at the end. Called whatever way an accepted connection ended."""

    async def accept(self, subprotocol: str | None = None, headers: Iterable[Header] = ()) -> None:
        """Accept the connection."""
        await self._accept(subprotocol, headers)

    async def send(  # type: ignore[override]
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send one message, and then close the connection if `close` is true or a close code.

        Raises:
            ValueError: neither text nor bytes are given.
        """
        if text_data is None or close is not False:
            await self._send(text_data, bytes_data, close)
        else:
            self.socket.send_text(text_data)

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Close the connection, by default with code 1000; before `accept` this refuses it."""
        await self._close(code, reason)

    async def _begin(self) -> None:
        await self.connect()

    async def _received(self, data: str | bytes) -> None:
        if isinstance(data, str):
            await self.receive(text_data=data)
        else:
            await self.receive(bytes_data=data)

    async def _disconnected(self, code: int) -> None:
        await self.disconnect(code)


def _text(part: str | bytes) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part
