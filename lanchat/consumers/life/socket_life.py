"""The life of a consumer on one WebSocket: connect, receive until it ends, disconnect."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from lanchat.consumers.errors import ClientGone, StopConsumer
from lanchat.consumers.life.handlers import Handlers
from lanchat.consumers.life.life import Life, failure_of
from lanchat.consumers.life.threads import uses_django
from lanchat.consumers.scope import AsgiEvent
from lanchat.consumers.socket import Header, Socket
from lanchat.layers import LayerError

_log = logging.getLogger(__name__)
_STOPPED, _FAILED, _AGAIN = 1000, 1011, 1013


class SocketLife(Life):
    """Runs one consumer on a WebSocket.

    Args: as for Life, and the WebSocket.

    Attributes:
        socket: the WebSocket.
    """

    __slots__ = ("_closing", "socket")

    def __init__(self, consumer: Any, handlers: Handlers, socket: Socket, *, in_turn: bool = False) -> None:  # noqa: ANN401
        super().__init__(consumer, handlers, in_turn=in_turn)
        self.socket = socket
        self._closing: asyncio.Task[None] | None = None

    async def run(self) -> Exception | None:
        """Live through the connection, and return the error that has ended it, if one has."""
        socket = self.socket
        failed: Exception | None = None
        try:
            await self.open()
            await self.event({"type": "websocket.connect"})
            take = self._take if self.handlers.direct and not uses_django() else self._take_event
            # Here and in no coroutine of its own, because idle connections spend their lives in this line.
            while socket.accepted and (data := await socket.receive()) is not None:
                await take(data)
                del data  # it would be kept until the next one comes
        except StopConsumer:
            await socket.close(_STOPPED, "")
        except ClientGone:
            _log.debug("A client of %s left during the handshake", type(self.consumer).__name__)
        except asyncio.CancelledError as error:
            failed = failure_of(error)
            await socket.close(_FAILED, "")
        except Exception as error:  # noqa: BLE001 - one connection's fault ends that connection
            failed = error
            await socket.close(_AGAIN if isinstance(error, LayerError) and error.retry else _FAILED, "")
        finally:
            failed = await self._leave(failed)
        return failed

    async def send(self, event: AsgiEvent) -> None:
        """Do what an event of ASGI asks for. Raises ValueError when it has no place here."""
        match event:
            case {"type": "websocket.accept"}:
                await self.accept(event.get("subprotocol"), event.get("headers") or ())
            case {"type": "websocket.send", "text": str(text)}:
                await self.say(text, None, False)
            case {"type": "websocket.send", "bytes": bytes(data)}:
                await self.say(None, data, False)
            case {"type": "websocket.close"}:
                await self.hang_up(event.get("code"), event.get("reason"))
            case _:
                raise ValueError(f"The event {event.get('type')!r} has no place here.")

    async def accept(self, subprotocol: str | None, headers: Iterable[Header] | None) -> None:
        """Accept the connection; from now on messages of the layer reach their handlers."""
        await self.socket.accept(subprotocol, [(_text(name), _text(value)) for name, value in headers or ()])
        self.listen()

    async def say(self, text_data: str | None, bytes_data: bytes | None, close: bool | int) -> None:
        """Send one message, and wait while its reader is slow; then close if `close` is true or a close code."""
        if text_data is not None:
            self.socket.send_text(text_data)
        elif bytes_data is not None:
            self.socket.send_bytes(bytes_data)
        else:
            raise ValueError("send needs text_data or bytes_data")
        if self.socket.congested:
            await self.socket.drained()
        if close is not False:
            await self.hang_up(close, None)

    async def hang_up(self, code: int | bool | None, reason: str | None) -> None:
        """Close the connection; True counts as no code given, as in Django Channels."""
        await self.socket.close(_STOPPED if code is None or code is True else int(code), reason or "")

    def stop(self) -> None:
        """End the consumer, because a handler of the layer's messages wants that."""
        self._close_soon(_STOPPED, "")

    def fall_behind(self) -> None:
        """Close the connection, because the overflow policy DISCONNECT wants that."""
        self._close_soon(_AGAIN, "too slow")

    async def _take(self, data: str | bytes) -> None:
        """Call `receive`, as `dispatch` and `websocket_receive` would."""
        if self._turn is None:
            if isinstance(data, str):
                await self.consumer.receive(text_data=data)
            else:
                await self.consumer.receive(bytes_data=data)
        else:
            await self._take_event(data)

    async def _take_event(self, data: str | bytes) -> None:
        text, binary = (data, None) if isinstance(data, str) else (None, data)
        await self.event({"type": "websocket.receive", "text": text, "bytes": binary})

    async def _leave(self, failed: Exception | None) -> Exception | None:
        """Disconnect; the groups are left whatever happens. Returns the first error."""
        try:
            if self.socket.accepted:
                await self.event({"type": "websocket.disconnect", "code": self.socket.close_code})
        except StopConsumer:
            pass
        except Exception as error:  # noqa: BLE001 - the groups are left all the same
            await self.socket.close(_FAILED, "")
            if failed is None:
                return error
            self.consumer.handler_failed(error, "its disconnect")
        finally:
            await self.close()
        return failed

    def _close_soon(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self.socket.close(code, reason))


def _text(part: str | bytes) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part
