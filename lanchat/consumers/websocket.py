"""Consumers of one WebSocket connection, as in Django Channels and Fast Channels."""

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Protocol

from lanchat.consumers.base import AsyncConsumer, Scope
from lanchat.errors import LayerError


class AcceptConnection(Exception):
    """Raised in `connect` to accept the connection."""


class DenyConnection(Exception):
    """Raised in `connect` to refuse the connection."""


class Socket(Protocol):
    """The WebSocket under a consumer; one class for each kind of server."""

    @property
    def accepted(self) -> bool:
        """Whether the handshake was answered with yes."""

    @property
    def close_code(self) -> int:
        """The code with which the connection ended; 1006 when it broke."""

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        """Answer the handshake with yes."""

    def send_text(self, payload: bytes) -> None:
        """Send one text message, given in UTF-8."""

    def send_bytes(self, payload: bytes) -> None:
        """Send one binary message."""

    def write(self, frames: bytes) -> None:
        """Send ready-made WebSocket frames."""

    async def close(self, code: int, reason: str) -> None:
        """Send what waits, then close."""

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Give the messages of the client until the connection ends."""


class AsyncWebsocketConsumer(AsyncConsumer, base=True):
    """One WebSocket connection. Derive from it and override `connect`, `receive` and `disconnect`.

    Attributes:
        groups: groups of the layer that the consumer is in from before `connect` until the end of the connection.
        socket: the connection.
    """

    groups: ClassVar[Sequence[str]] = ()
    socket: Socket

    async def run(self, scope: Scope, socket: Socket) -> None:
        """Live through one connection: connect, receive until it ends, disconnect."""
        self.scope = scope
        self.socket = socket
        await self.open_channel()
        try:
            await self._join_groups()
            if await self._connected():
                async for data in socket:
                    if isinstance(data, str):
                        await self.receive(text_data=data)
                    else:
                        await self.receive(bytes_data=data)
        finally:
            try:
                if socket.accepted:
                    await self.disconnect(socket.close_code)
            finally:
                await self.close_channel()

    async def connect(self) -> None:
        """Accept the connection, or refuse it with `close`. Called when it begins."""
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client."""

    async def disconnect(self, code: int) -> None:
        """Do what is to be done at the end. Called whatever way the connection ended."""

    async def accept(self, subprotocol: str | None = None, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Accept the connection."""
        await self.socket.accept(subprotocol, headers)

    async def send(
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send one message, and then close the connection if `close` is true or a close code.

        Raises:
            ValueError: neither text nor bytes are given.
        """
        if text_data is not None:
            self.socket.send_text(text_data.encode())
        elif bytes_data is not None:
            self.socket.send_bytes(bytes_data)
        else:
            raise ValueError("send needs text_data or bytes_data")
        if close is not False:
            await self.close(1000 if close is True else close)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; before `accept` this refuses it."""
        await self.socket.close(code, reason)

    async def _join_groups(self) -> None:
        if self.groups and self.channel_layer is None:
            raise LayerError(f"{type(self).__name__} has groups, but no layer is called {self.channel_layer_alias!r}.")
        for group in self.groups:
            assert self.channel_layer is not None  # noqa: S101 - checked above
            await self.channel_layer.group_add(group, self.channel_name)

    async def _connected(self) -> bool:
        try:
            await self.connect()
        except AcceptConnection:
            await self.accept()
        except DenyConnection:
            await self.close()
        return self.socket.accepted
