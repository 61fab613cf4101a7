"""A consumer whose connection and messages are spans."""

from typing import TYPE_CHECKING, Any

from lanchat.consumers.errors import StopConsumer
from lanchat.consumers.scope import Scope
from lanchat.consumers.tracing.spans import KEY, is_there, span
from lanchat.layers import Message

if TYPE_CHECKING:

    class _Base:
        """What a consumer has, and this class is put before."""

        scope: Scope

        async def dispatch(self, message: Message) -> None:
            """Hand one event or message to its handler."""

else:
    _Base = object

_OF_CONNECTION = ("websocket.", "http.")


class Traced(_Base):
    """Put it before the class of a consumer: `class Room(Traced, AsyncWebsocketConsumer)`.

    Each event of the connection and each message of the layer is a span, with the consumer's class and the type. A
    message that was sent through a layer of `trace_layer` is a part of the trace in which it was sent. Without
    OpenTelemetry everything is as it is without this class.
    """

    async def dispatch(self, message: Message) -> None:
        """Hand one event or message to its handler, in a span."""
        carrier = message.get(KEY)
        if carrier is not None:
            message = {key: value for key, value in message.items() if key != KEY}
        if not is_there():
            await super().dispatch(message)
            return
        kind = str(message.get("type"))[:100]
        of_connection = kind.startswith(_OF_CONNECTION)
        attributes: dict[str, Any] = {"lanchat.consumer": type(self).__name__, "lanchat.type": kind}
        if of_connection and (path := self.scope.get("path")):
            attributes["url.path"] = path
        elif not of_connection and (channel := getattr(self, "channel_name", None)):
            attributes["messaging.destination.name"] = channel
        stopped: StopConsumer | None = None
        with span(f"{type(self).__name__} {kind}", "SERVER" if of_connection else "CONSUMER", attributes, carrier):
            try:
                await super().dispatch(message)
            except StopConsumer as stop:  # how a consumer ends, and no error
                stopped = stop
        if stopped is not None:
            raise stopped
