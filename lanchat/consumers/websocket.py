"""Consumers of one WebSocket connection, as in Django Channels and Fast Channels."""

from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, ClassVar

from lanchat.consumers.base import AsyncConsumer, begin, life_of
from lanchat.consumers.errors import AcceptConnection, DenyConnection, StopConsumer
from lanchat.consumers.life import LifeView, SocketLife
from lanchat.consumers.limits import USUAL, SocketLimits
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope
from lanchat.consumers.socket import Header, Socket
from lanchat.layers import BaseChannelLayer, LayerError, Message


class SocketConsumer(AsyncConsumer, base=True):
    """A consumer that lives on a WebSocket; the classes derived from it decide how its parts are written.

    What a method raises ends the connection with close code 1011, and nothing else. It is logged: on an ASGI server
    by the server, which gets to see it, and on aiohttp by `handler_failed`. A layer that cannot be reached ends the
    connection with 1013: try again later.

    Attributes:
        groups: groups of the layer that the consumer is in from before `connect` until the end of the connection.
            Their messages wait until the connection is accepted.
        socket_limits: how large a message of the client may be, and how slow a reader.
        socket: the connection.
    """

    groups: ClassVar[Sequence[str]] = ()
    socket_limits: ClassVar[SocketLimits] = USUAL
    scope = LifeView[Scope](lambda life: life.socket.scope, keep=True)
    socket = LifeView[Socket](lambda life: life.socket, keep=True)

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one WebSocket connection as an ASGI app.

        Raises:
            ValueError: it is a connection of another kind.
            Exception: what has ended the connection, for the server to log.
        """
        from lanchat.consumers.asgi import AsgiSocket  # noqa: PLC0415 - aiohttp's connections need none of it

        if scope["type"] != "websocket":
            raise ValueError(f"{type(self).__name__} is for WebSocket connections, not for {scope['type']!r}.")
        socket = AsgiSocket(scope, receive, send, self.socket_limits)
        failed = None
        try:
            failed = await self._lanchat_run_on(socket)
        finally:
            await socket.end()
        if isinstance(failed, LayerError) and socket.goodbye is None:
            self.handler_failed(failed, "its connection")
        elif failed is not None:
            raise failed
        elif socket.goodbye is not None:
            raise socket.goodbye

    async def base_send(self, message: AsgiEvent) -> None:
        """Send one event of the connection as it is, whatever `send` does in a derived class.

        Raises:
            ValueError: it has no place in a WebSocket connection.
        """
        await life_of(self).send(message)

    def _lanchat_run_on(self, socket: Socket) -> Coroutine[Any, Any, Exception | None]:
        """Return what lives through one connection, and gives the error that has ended it, if one has."""
        connection = SocketLife(self, self._lanchat_handlers, socket, in_turn=self.in_turn)
        begin(self, connection)
        return connection.run()


class AsyncWebsocketConsumer(SocketConsumer, base=True):
    """One WebSocket connection. Derive from it and override `connect`, `receive` and `disconnect`.

    A connection that `connect` neither accepts nor closes is refused.
    """

    async def websocket_connect(self, message: Message) -> None:
        """Take the beginning of the connection: join `groups`, then `connect`."""
        for group in groups_of(self):
            await layer_of(self).group_add(group, self.channel_name)
        try:
            await self.connect()
        except AcceptConnection:
            await self.accept()
        except DenyConnection:
            await self.close()

    async def websocket_receive(self, message: Message) -> None:
        """Take one message of the client: `receive` it."""
        if (text := message.get("text")) is not None:
            await self.receive(text_data=text)
        else:
            await self.receive(bytes_data=message["bytes"])

    async def websocket_disconnect(self, message: Message) -> None:
        """Take the end of the connection: `disconnect`. Always raises StopConsumer."""
        await self.disconnect(message["code"])
        raise StopConsumer

    async def connect(self) -> None:
        """Accept the connection, or refuse it with `close`. Called when it begins."""
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client."""

    async def disconnect(self, code: int) -> None:
        """Do what is to be done at the end. Called whatever way an accepted connection ended."""

    async def accept(self, subprotocol: str | None = None, headers: Iterable[Header] | None = None) -> None:
        """Accept the connection."""
        await connection_of(self).accept(subprotocol, headers)

    async def send(  # type: ignore[override]
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send one message, and then close the connection if `close` is true or a close code.

        It waits while the client reads more slowly than it is sent to (`socket.send_text` never does).

        Raises:
            ValueError: neither text nor bytes are given.
        """
        connection = connection_of(self)
        if text_data is None or close is not False:
            await connection.say(text_data, bytes_data, close)
        else:
            socket = connection.socket
            socket.send_text(text_data)
            if socket.congested:
                await socket.drained()

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Close the connection, by default with code 1000; before `accept` this refuses it."""
        await connection_of(self).hang_up(code, reason)


def connection_of(consumer: SocketConsumer) -> SocketLife:
    """Return the life of a consumer. Raises NotConnected when it has not begun."""
    connection = life_of(consumer)
    assert isinstance(connection, SocketLife)  # noqa: S101 - `run_on` made it
    return connection


def groups_of(consumer: SocketConsumer) -> Sequence[str]:
    """Return the groups of a consumer. Raises LayerError when it has some, and no layer."""
    if consumer.groups and consumer.channel_layer is None:
        raise LayerError(
            f"{type(consumer).__name__} has groups, but no layer is called {consumer.channel_layer_alias!r}."
        )
    return consumer.groups or ()


def layer_of(consumer: SocketConsumer) -> BaseChannelLayer:
    """Return the layer of a consumer that has one."""
    assert consumer.channel_layer is not None  # noqa: S101 - `groups_of` has looked
    return consumer.channel_layer
