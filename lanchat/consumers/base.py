"""What every consumer has: handlers by message type, and a channel on a layer."""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lanchat.consumers.access import SAME_ORIGIN, OriginPattern, is_admitted, refuse
from lanchat.consumers.life import Handlers, Life, LifeView, Threads, not_connected
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope, routed
from lanchat.layers import BaseChannelLayer, LayerError, Message, channel_layers, get_channel_layer

if TYPE_CHECKING:
    from lanchat.consumers.aiohttp import RequestHandler

_log = logging.getLogger(__name__)
_FAILED = 1011


class AsyncConsumer:
    """One connected client, and the messages that reach it through a channel layer.

    A message's `type` names its handler: a public method that can be called with just the message, declared in a class
    derived from a base class (dots in the type count as underscores). Methods of the base classes are no handlers, and
    neither are those that take the connection's own events (`websocket_…`, `http_…`), so no message can call them. A
    handler that is a plain function runs at once, in the sender's turn of the event loop, and must not wait; coroutine
    functions run in the order of arrival. One that is annotated with a msgspec struct gets one. A type without a
    handler is counted and logged, and harms nobody; so does a handler that raises. While a handler waits, as many
    messages wait behind it as the layer's channel holds; what comes then is for the layer's overflow policy.

    Arguments that a derived class takes no notice of are passed over, as in Django Channels.

    Args:
        layers: where the layer is looked up by its alias; by default all that are registered.

    Attributes:
        channel_layer_alias: which of the layers to use; None for none.
        in_turn: whether messages of the layer wait while an event of the connection is being handled, and the other
            way round. By default neither holds up the other.
        allowed_origins: the web pages from which a connection may come, by default those of the same host.
        channel_layer: the layer; None when the alias names none.
        channel_name: this consumer's channel on it.
        scope: what is known of the connection.
        unhandled: messages that no handler took.
        refused_events: messages that were not of the struct with which their handler is annotated.
    """

    channel_layer_alias: ClassVar[str | None] = "default"
    in_turn: ClassVar[bool] = False
    allowed_origins: ClassVar[Sequence[OriginPattern]] = (SAME_ORIGIN,)

    channel_layer: BaseChannelLayer | None
    channel_name: str
    scope: Scope
    unhandled = LifeView[int](lambda life: life.unhandled)

    refused_events = 0

    _lanchat: Life | None = None
    _lanchat_base: ClassVar[bool] = True
    _lanchat_handlers: ClassVar[Handlers]
    _lanchat_threads: ClassVar[Threads | None] = None

    def __init__(
        self,
        *_arguments: Any,  # noqa: ANN401 - nobody looks at them
        layers: Mapping[str, BaseChannelLayer] = channel_layers,
        **_settings: Any,  # noqa: ANN401
    ) -> None:
        self.channel_layer = _layer_of(self, layers)

    def __init_subclass__(cls, *, base: bool = False, **settings: Any) -> None:  # noqa: ANN401 - a mixin's
        """Register the handlers of a derived class; with `base`, keep its names from being handlers."""
        super().__init_subclass__(**settings)
        cls._lanchat_base = base
        cls._lanchat_handlers = Handlers(cls, in_turn=cls.in_turn, threads=cls._lanchat_threads)

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> "AsgiApp":  # noqa: ANN401 - what the class takes
        """Return an ASGI app that makes one consumer per connection, with these arguments."""
        return AsgiApp(cls, initkwargs)

    @classmethod
    def as_handler(cls, **initkwargs: Any) -> "RequestHandler":  # noqa: ANN401
        """Return an aiohttp handler that makes one consumer per connection, with these arguments."""
        from lanchat.consumers.aiohttp import handler_of  # noqa: PLC0415 - ASGI servers need no aiohttp

        return handler_of(lambda: cls(**initkwargs))

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one connection as an ASGI app: take its events until a handler raises StopConsumer.

        Raises:
            NoHandler: an event has no handler.
            Exception: whatever a handler of the connection's events raises; a WebSocket is closed with 1011 first.
        """
        self.scope = routed(scope)
        life = begin(self, Life(self, self._lanchat_handlers, in_turn=self.in_turn, send=send))
        try:
            await life.open()
            life.listen()
            await life.events(receive)
        except Exception:
            if scope["type"] == "websocket":
                with contextlib.suppress(Exception):  # servers raise what they like when the client has gone
                    await send({"type": "websocket.close", "code": _FAILED})
            raise
        finally:
            await life.close()

    async def dispatch(self, message: Message) -> None:
        """Hand one message to its handler, and wait for it. Override it to see or change what comes.

        All events of the connection and all messages of the layer come here, as soon as it is overridden.

        Raises:
            NoHandler: there is none.
            Exception: whatever the handler raises.
        """
        await life_of(self).dispatch(message)

    async def send(self, message: AsgiEvent) -> None:
        """Send one event of the connection."""
        await self.base_send(message)

    async def base_send(self, message: AsgiEvent) -> None:
        """Send one event of the connection as it is, whatever `send` does in a derived class."""
        await life_of(self).send(message)

    def handler_failed(self, error: Exception, where: str) -> None:
        """Log what a handler raised. Override it to report errors elsewhere too.

        Args:
            error: what was raised.
            where: in handling what, in words.
        """
        if isinstance(error, LayerError):
            _log.warning("%s failed on %s: %s", type(self).__name__, where, error)
        else:
            _log.error("%s failed on %s", type(self).__name__, where, exc_info=error)


class AsgiApp:
    """A consumer class as an ASGI app (https://asgi.readthedocs.io/en/latest/specs/main.html)."""

    def __init__(self, consumer_class: type[AsyncConsumer], initkwargs: dict[str, Any]) -> None:
        self.consumer_class = consumer_class
        self.consumer_initkwargs = initkwargs
        self.__name__ = consumer_class.__name__
        self.__doc__ = consumer_class.__doc__

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one connection with a consumer of its own, if it comes from where it may."""
        consumer = self.new_consumer()
        if is_admitted(scope, consumer.allowed_origins):
            await consumer(scope, receive, send)
        else:
            await refuse(scope, receive, send)

    def new_consumer(self) -> AsyncConsumer:
        """Make the consumer of one connection."""
        return self.consumer_class(**self.consumer_initkwargs)


def begin(consumer: AsyncConsumer, life: "Life") -> "Life":
    """Give a consumer its life, and its layer when its class has not called `__init__` of the base."""
    consumer._lanchat = life  # noqa: SLF001 - private to whoever derives a class, not to this package
    if not hasattr(consumer, "channel_layer"):
        consumer.channel_layer = _layer_of(consumer, channel_layers)
    return life


def life_of(consumer: AsyncConsumer) -> Life:
    """Return the life of a consumer. Raises NotConnected when it has not begun."""
    return consumer._lanchat or not_connected(consumer)  # noqa: SLF001


def _layer_of(consumer: AsyncConsumer, layers: Mapping[str, BaseChannelLayer]) -> BaseChannelLayer | None:
    alias = consumer.channel_layer_alias
    if alias is None:
        return None
    return get_channel_layer(alias) if layers is channel_layers else layers.get(alias)


AsyncConsumer._lanchat_handlers = Handlers(AsyncConsumer)  # noqa: SLF001 - no class derives it here
