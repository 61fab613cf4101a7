"""What every consumer has: handlers by message type, a channel on a layer, and an inbox."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from lanchat.consumers.access import SAME_ORIGIN, OriginPattern, is_admitted, refuse
from lanchat.consumers.handlers import Handler, Handlers, Method
from lanchat.consumers.runner import Runner, current_runner
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope
from lanchat.errors import LayerError
from lanchat.layers import BaseChannelLayer, Message, Overflow, channel_layers

if TYPE_CHECKING:
    from lanchat.consumers.aiohttp import RequestHandler

_log = logging.getLogger(__name__)


class StopConsumer(Exception):
    """Raised in a handler of the connection's own events to end the consumer."""


class AsyncConsumer:
    """One connected client, and the messages that reach it through a channel layer.

    A message's `type` names its handler: a public method that takes just the message, declared in a class derived from
    a base class (dots in the type count as underscores). Methods of the base classes are no handlers, and neither are
    those that take the connection's own events (`websocket_…`, `http_…`), so no message can call them. A handler that
    is a plain function runs at once, in the sender's turn of the event loop, and must not wait; coroutine functions run
    in the order of arrival. A type without a handler is counted and logged, and harms nobody; so does a handler that
    raises. While a handler waits, as many messages wait behind it as the layer's channel holds; what comes then is for
    the layer's overflow policy.

    Args:
        layers: where the layer is looked up by its alias; by default all that are registered.

    Attributes:
        channel_layer_alias: which of the layers to use.
        in_turn: whether messages of the layer wait while an event of the connection is being handled, and the other
            way round. By default neither holds up the other.
        allowed_origins: the web pages from which a connection may come, by default those of the same host.
        handlers: what can be called by a message's type.
        channel_layer: the layer; None when the alias names none.
        channel_name: this consumer's channel on it.
        scope: what is known of the connection.
        unhandled: messages that no handler took.
    """

    channel_layer_alias: ClassVar[str] = "default"
    in_turn: ClassVar[bool] = False
    allowed_origins: ClassVar[Sequence[OriginPattern]] = (SAME_ORIGIN,)
    handlers: ClassVar[Mapping[str, Handler]] = {}

    channel_name: str
    scope: Scope
    unhandled = 0

    is_base: ClassVar[bool] = True
    _handlers: ClassVar[Handlers]

    # Set when they are first needed, because most connections of a large room are idle.
    _asgi_send: AsgiSend | None = None
    _draining: asyncio.Task[Any] | None = None
    _queued = False
    _runner: Runner | None = None
    _inbox: list[tuple[Method, Message]] | None = None

    def __init__(self, *, layers: Mapping[str, BaseChannelLayer] = channel_layers) -> None:
        self.channel_layer: BaseChannelLayer | None = layers.get(self.channel_layer_alias)
        self._turn = asyncio.Lock() if self.in_turn else None

    def __init_subclass__(cls, *, base: bool = False) -> None:
        """Register the handlers of a derived class; with `base`, keep its names from being handlers."""
        super().__init_subclass__()
        cls.is_base = base
        cls._handlers = Handlers(cls, cls._handler)
        cls.handlers = cls._handlers.by_name

    @classmethod
    def as_asgi(cls, **settings: Any) -> "AsgiApp":  # noqa: ANN401 - what the class takes
        """Return an ASGI app that makes one consumer per connection, with `settings` as its arguments."""
        return AsgiApp(cls, settings)

    @classmethod
    def as_handler(cls, **settings: Any) -> "RequestHandler":  # noqa: ANN401
        """Return an aiohttp handler that makes one consumer per connection, with `settings` as its arguments."""
        from lanchat.consumers.aiohttp import handler_of  # noqa: PLC0415 - ASGI servers need no aiohttp

        return handler_of(lambda: cls(**settings))

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one connection as an ASGI app: take its events until a handler raises StopConsumer.

        Raises:
            ValueError: an event has no handler.
            Exception: whatever a handler of the connection's events raises.
        """
        self.scope = scope
        self._asgi_send = send
        await self.open_channel()
        self.listen()
        try:
            with contextlib.suppress(StopConsumer):
                while True:
                    await self._take_event(await receive())
        finally:
            await self.close_channel()

    async def send(self, message: AsgiEvent) -> None:
        """Send one event of the connection."""
        if self._asgi_send is None:
            raise RuntimeError(f"{type(self).__name__} has no connection to send to.")
        await self._asgi_send(message)

    def failed(self, error: Exception, where: str) -> None:
        """Log what a handler raised. Override it to report errors elsewhere too.

        Args:
            error: what was raised.
            where: in handling what, in words.
        """
        if isinstance(error, LayerError):
            _log.warning("%s failed on %s: %s", type(self).__name__, where, error)
        else:
            _log.error("%s failed on %s", type(self).__name__, where, exc_info=error)

    async def open_channel(self) -> None:
        """Take a channel on the layer. It keeps its messages until `listen`."""
        if self.channel_layer is not None:
            self.channel_name = await self.channel_layer.new_channel()

    def listen(self) -> None:
        """Have the messages of the channel pushed to the handlers from now on."""
        self._runner = current_runner()
        if self.channel_layer is not None:
            self.channel_layer.attach(self.channel_name, self.dispatch)

    async def close_channel(self) -> None:
        """Leave every group, give the channel up, and end what still runs for it."""
        if self.channel_layer is not None and hasattr(self, "channel_name"):
            self.channel_layer.detach(self.channel_name)
        self._inbox = None
        draining = self._draining
        if draining is not None and draining is not asyncio.current_task():
            draining.cancel()
            await asyncio.wait({draining})

    def dispatch(self, message: Message) -> None:
        """Hand `message` to its handler."""
        kind = message.get("type")
        # Remembered, because finding it takes half of what a message costs for one member of a room.
        handler = self._handlers.known.get(kind) if isinstance(kind, str) else None
        if handler is None:
            handler = self._handlers.find(kind)
            if handler is None:
                self.unhandled += 1
                return
        method, waits = handler
        if not waits:
            method(self, message)
            return
        inbox = self._inbox
        if inbox is None:
            inbox = self._inbox = []
        if self._draining is not None and self._overflows(inbox):
            return
        inbox.append((method, message))
        if not self._queued and self._runner is not None:
            self._queued = True
            self._runner.push(self)

    async def drain(self, task: asyncio.Task[Any]) -> None:
        """Run the handlers of what waits in the inbox, in this task; what they raise is reported."""
        self._draining = task
        inbox, self._inbox = self._inbox, None
        try:
            for method, message in inbox or ():
                try:
                    if self._turn is None:
                        await method(self, message)
                    else:
                        async with self._turn:
                            await method(self, message)
                except Exception as error:  # noqa: BLE001 - a bad message must not end the connection
                    self.failed(error, f"a message of type {message.get('type')!r}")
        finally:
            self._draining = None
            self._queued = bool(self._inbox)
            if self._queued and self._runner is not None:
                self._runner.push(self)

    def _overflows(self, inbox: list[tuple[Method, Message]]) -> bool:
        """Whether there is no room for one more message, after the layer's policy was obeyed."""
        layer = self.channel_layer
        if layer is None or len(inbox) < layer.get_capacity(self.channel_name):
            return False
        overflow = layer.get_overflow(self.channel_name)
        layer.counters.drop(self.channel_name)
        if overflow is Overflow.DROP_OLDEST:
            del inbox[0]
            return False
        if overflow is Overflow.DISCONNECT:
            self._fall_behind()
        return True

    def _fall_behind(self) -> None:
        """Do what the overflow policy DISCONNECT means for this kind of connection; by default nothing."""

    async def _take_event(self, event: AsgiEvent) -> None:
        name = str(event["type"]).replace(".", "_")
        handler = self._handlers.events.get(name)
        if handler is None and self.scope.get("type") == "channel":  # of a worker
            handler = self._handlers.by_name.get(name)
        if handler is None:
            raise ValueError(f"{type(self).__name__} has no handler for the connection's event {event['type']!r}.")
        async with self._turn or contextlib.nullcontext():
            handling = handler.method(self, event)
            if handler.waits:
                await handling

    @classmethod
    def _handler(cls, method: Method) -> Handler:
        """Make the handler of a method."""
        if inspect.iscoroutinefunction(method):
            return Handler(method, waits=True)
        return Handler(_waiting(method) if cls.in_turn else method, waits=cls.in_turn)


class AsgiApp:
    """A consumer class as an ASGI app (https://asgi.readthedocs.io/en/latest/specs/main.html)."""

    def __init__(self, consumer_class: type[AsyncConsumer], settings: dict[str, Any]) -> None:
        self.consumer_class = consumer_class
        self.consumer_initkwargs = settings
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


def _waiting(method: Method) -> Method:
    """Return a plain function as one that can be awaited."""

    async def call(consumer: AsyncConsumer, message: Message) -> None:
        method(consumer, message)

    return call


AsyncConsumer._handlers = Handlers(AsyncConsumer, AsyncConsumer._handler)  # noqa: SLF001 - no class derives it here
