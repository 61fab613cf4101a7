"""What a consumer lives by and its class does not show: its channel, and the messages that wait for its handlers."""

import asyncio
import contextlib
import inspect
import logging
from typing import Any, NoReturn

from lanchat.consumers.errors import HandlerCancelled, NoHandler, NotConnected, StopConsumer
from lanchat.consumers.life.handlers import Handlers, Method
from lanchat.consumers.life.runner import Runner, current_runner
from lanchat.consumers.life.threads import close_old_connections
from lanchat.consumers.scope import AsgiEvent, AsgiSend
from lanchat.layers import Message, Overflow

_log = logging.getLogger(__name__)
_LAST = ("http.disconnect", "websocket.disconnect")


class Life:
    """Runs one consumer on its channel of the layer, and holds what nobody who derives a class needs to know.

    All of it is here, and nothing of it on the consumer, so that a derived class may call its methods as it likes.

    Args:
        consumer: the consumer, which has a `channel_layer`, perhaps None.
        handlers: of its class.
        in_turn: whether its handlers wait for each other, those of the connection's events and those of the layer.
        send: takes the connection's events.

    Attributes:
        consumer: the same.
        handlers: the same.
        loop: the event loop of the connection.
        unhandled: messages that no handler took.
    """

    __slots__ = (
        "_draining",
        "_inbox",
        "_queued",
        "_runner",
        "_send",
        "_stopped",
        "_turn",
        "_waiting",
        "consumer",
        "handlers",
        "loop",
        "unhandled",
    )

    def __init__(
        self,
        consumer: Any,  # noqa: ANN401 - life knows no class of consumers
        handlers: Handlers,
        *,
        in_turn: bool = False,
        send: AsgiSend | None = None,
    ) -> None:
        self.consumer = consumer
        self.handlers = handlers
        self.loop = asyncio.get_running_loop()
        self.unhandled = 0
        self._send = send
        self._turn = asyncio.Lock() if in_turn else None
        # Made when they are first needed, because most connections of a large room are idle.
        self._inbox: list[tuple[Method, Message]] | None = None
        self._draining: asyncio.Task[Any] | None = None
        self._queued = False
        self._runner: Runner | None = None
        self._stopped = False
        self._waiting: asyncio.Future[AsgiEvent] | None = None

    async def open(self) -> None:
        """Take a channel on the layer. It keeps its messages until `listen`."""
        if (layer := self.consumer.channel_layer) is not None:
            self.consumer.channel_name = await layer.new_channel()

    def listen(self) -> None:
        """Have the messages of the channel pushed to the handlers from now on."""
        self._runner = current_runner()
        if (layer := self.consumer.channel_layer) is not None:
            layer.attach(self.consumer.channel_name, self.take)

    async def close(self) -> None:
        """Leave every group, give the channel up, and end what still runs for it."""
        layer, channel = self.consumer.channel_layer, getattr(self.consumer, "channel_name", None)
        if layer is not None and channel is not None:
            layer.detach(channel)
        self._inbox = None
        draining = self._draining
        if draining is not None and draining is not asyncio.current_task():
            draining.cancel()
            await asyncio.wait({draining})

    async def send(self, event: AsgiEvent) -> None:
        """Send one event of the connection. Raises RuntimeError when there is none."""
        if self._send is None:
            not_connected(self.consumer)
        await self._send(event)

    async def event(self, event: AsgiEvent) -> None:
        """Hand one event of the connection to `dispatch`. Raises what that raises; see `failure_of` for the rest."""
        try:
            if self._turn is None:
                await self.consumer.dispatch(event)
            else:
                async with self._turn:
                    await self.consumer.dispatch(event)
        except asyncio.CancelledError as error:
            raise failure_of(error) from error

    async def events(self, receive: Any) -> None:  # noqa: ANN401 - AsgiReceive, or what behaves like it
        """Hand on the events of the connection until a handler raises StopConsumer, or the client has left.

        Raises what the handlers raise, and NoHandler for an event without one, unless it was the last.
        """
        with contextlib.suppress(StopConsumer):
            while not self._stopped:
                self._waiting = asyncio.ensure_future(receive())
                try:
                    await asyncio.wait({self._waiting})
                finally:
                    self._waiting.cancel()
                if self._waiting.cancelled():  # by `stop`
                    return
                event = self._waiting.result()
                try:
                    await self.event(event)
                except NoHandler:
                    if event["type"] not in _LAST:
                        raise
                    return

    async def dispatch(self, message: Message) -> None:
        """Hand one message, of the layer or of the connection, to its handler, and wait for it.

        Raises:
            NoHandler: there is none.
            Exception: whatever the handler raises.
        """
        await self._close_old_connections()
        method, waits = self.handlers.of(message.get("type"))
        result = method(self.consumer, message)
        if waits or inspect.isawaitable(result):
            await result

    def take(self, message: Message) -> None:
        """Take one message of the layer: hand it to its handler, at once or when it is its turn."""
        kind = message.get("type")
        # Remembered, because finding it takes half of what a message costs for one member of a room.
        handler = self.handlers.known.get(kind) if isinstance(kind, str) else None
        if handler is None:
            handler = self.handlers.find(kind)
            if handler is None:
                self.unhandled += 1
                return
        if handler.waits:
            self._put(handler.method, message)
            return
        try:
            result = handler.method(self.consumer, message)
        except StopConsumer:
            self.stop()
        else:
            if result is not None and inspect.isawaitable(result):
                self._put_result(result, message)

    async def drain(self, task: asyncio.Task[Any]) -> None:
        """Run the handlers of what waits in the inbox, in this task; what they raise is reported."""
        self._draining = task
        inbox, self._inbox = self._inbox, None
        try:
            for method, message in inbox or ():
                try:
                    await self._close_old_connections()
                    if self._turn is None:
                        await method(self.consumer, message)
                    else:
                        async with self._turn:
                            await method(self.consumer, message)
                except StopConsumer:
                    self.stop()
                except NoHandler as error:
                    self.unhandled += 1
                    self.handlers.miss(error.kind)
                except asyncio.CancelledError as error:
                    self._report(failure_of(error), message)
                except Exception as error:  # noqa: BLE001 - a bad message must not end the connection
                    self._report(error, message)
        finally:
            self._draining = None
            self._queued = bool(self._inbox)
            if self._queued and self._runner is not None:
                self._runner.push(self)

    def stop(self) -> None:
        """End the consumer, because a handler of the layer's messages wants that."""
        self._stopped = True
        if self._waiting is not None:
            self._waiting.cancel()

    def fall_behind(self) -> None:
        """Do what the overflow policy DISCONNECT means for this kind of connection; by default nothing."""

    @property
    def waiting(self) -> int:
        """How many messages wait in the inbox."""
        return len(self._inbox or ())

    @property
    def busy(self) -> bool:
        """Whether a handler waits for something now."""
        return self._draining is not None

    def _report(self, error: Exception, message: Message) -> None:
        try:
            self.consumer.handler_failed(error, f"a message of type {message.get('type')!r}")
        except Exception:  # noqa: BLE001 - it is somebody else's code, and the next message waits
            _log.exception("%s.handler_failed failed on %r", type(self.consumer).__name__, error)

    async def _close_old_connections(self) -> None:
        if not self.handlers.in_threads:  # which do it themselves, each for its own
            await close_old_connections()

    def _put(self, method: Method, message: Message) -> bool:
        """Put a message into the inbox; False when there is no room."""
        inbox = self._inbox
        if inbox is None:
            inbox = self._inbox = []
        if self._draining is not None and self._overflows(inbox):
            return False
        inbox.append((method, message))
        if not self._queued and self._runner is not None:
            self._queued = True
            self._runner.push(self)
        return True

    def _put_result(self, result: Any, message: Message) -> None:  # noqa: ANN401 - anything that can be awaited
        """Await, in the order of arrival, what a plain function gave."""

        async def wait(_consumer: object, _message: Message) -> None:
            await result

        if not self._put(wait, message) and inspect.iscoroutine(result):
            result.close()

    def _overflows(self, inbox: list[tuple[Method, Message]]) -> bool:
        """Whether there is no room for one more message, after the layer's policy was obeyed."""
        layer = self.consumer.channel_layer
        if layer is None or len(inbox) < layer.get_capacity(self.consumer.channel_name):
            return False
        overflow = layer.get_overflow(self.consumer.channel_name)
        layer.counters.drop(self.consumer.channel_name)
        if overflow is Overflow.DROP_OLDEST:
            del inbox[0]
            return False
        if overflow is Overflow.DISCONNECT:
            self.fall_behind()
        return True


def failure_of(error: asyncio.CancelledError) -> HandlerCancelled:
    """Return what a handler failed with that was cancelled by what it waited for.

    Raises:
        CancelledError: the same, because the task is what is cancelled: the connection ends.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise error
    return HandlerCancelled("A handler was cancelled by what it waited for.")


def not_connected(consumer: object) -> NoReturn:
    """Raise NotConnected for a consumer that has no connection to send to."""
    raise NotConnected(f"{type(consumer).__name__} has no connection yet.")
