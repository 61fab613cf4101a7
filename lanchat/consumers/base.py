"""What every consumer has: handlers by message type, a channel on a layer, and an inbox."""

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from lanchat.layers import BaseChannelLayer, Message, get_channel_layer

_log = logging.getLogger(__name__)

Handler = Callable[[Any, Message], Any]
"""A method that takes a message: called with the consumer and the message."""

Scope = dict[str, Any]
"""What is known of a connection, with the keys of ASGI: `type`, `path`, `headers`, `query_string`, `path_params` …"""


class AsyncConsumer:
    """One connected client, and the messages that reach it through a channel layer.

    A message's `type` names its handler: a public method that takes just the message, declared in a class derived from
    a base class (dots in the type count as underscores). Methods of the base classes are no handlers, so no message
    can call them. A handler that is a plain function runs at once, in the sender's turn of the event loop, and must not
    wait; coroutine functions run in the order of arrival. A type without a handler is counted and logged, and harms
    nobody; so does a handler that raises.

    Attributes:
        channel_layer_alias: which registered layer to use.
        channel_layer: the layer; None when the alias names none.
        channel_name: this consumer's channel on it.
        scope: what is known of the connection.
        unhandled: messages that no handler took.
    """

    channel_layer_alias: ClassVar[str] = "default"
    handlers: ClassVar[Mapping[str, Handler]] = {}

    channel_name: str
    scope: Scope

    _reserved: ClassVar[frozenset[str]] = frozenset()
    _at_once: ClassVar[dict[str, Handler]] = {}

    def __init__(self) -> None:
        self.channel_layer: BaseChannelLayer | None = get_channel_layer(self.channel_layer_alias)
        self.unhandled = 0
        self._inbox: deque[tuple[Handler, Message]] = deque()
        self._worker: asyncio.Task[None] | None = None

    def __init_subclass__(cls, *, base: bool = False) -> None:
        """Register the handlers of a derived class; with `base`, keep its names from being handlers."""
        super().__init_subclass__()
        cls._at_once = {}
        public = {name: member for name, member in vars(cls).items() if not name.startswith("_")}
        if base:
            cls._reserved = cls._reserved | public.keys()
            return
        cls.handlers = dict(cls.handlers) | {
            name: member for name, member in public.items() if name not in cls._reserved and _takes_a_message(member)
        }

    async def open_channel(self) -> None:
        """Take a channel on the layer, whose messages are pushed to the handlers from now on."""
        if self.channel_layer is not None:
            self.channel_name = await self.channel_layer.new_channel()
            self.channel_layer.attach(self.channel_name, self.dispatch)

    async def close_channel(self) -> None:
        """Leave every group, give the channel up, and end what still runs for it."""
        if self.channel_layer is not None and hasattr(self, "channel_name"):
            self.channel_layer.detach(self.channel_name)
        self._inbox.clear()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait({self._worker})

    def dispatch(self, message: Message) -> None:
        """Hand `message` to its handler."""
        kind = str(message.get("type"))
        if handler := self._at_once.get(kind):
            handler(self, message)
            return
        handler = self.handlers.get(kind.replace(".", "_"))
        if handler is None:
            self.unhandled += 1
            _log.warning("%s has no handler for messages of type %r", type(self).__name__, message.get("type"))
        elif inspect.iscoroutinefunction(handler):
            self._inbox.append((handler, message))
            if self._worker is None or self._worker.done():
                self._worker = asyncio.create_task(self._work())
        else:
            # Remembered, because finding it takes half of what a message costs for one member of a room.
            self._at_once[kind] = handler
            handler(self, message)

    async def _work(self) -> None:
        while self._inbox:
            handler, message = self._inbox.popleft()
            try:
                await handler(self, message)
            except Exception:  # noqa: BLE001 - a bad message must not end the connection
                _log.exception("%s failed on a message of type %r", type(self).__name__, message.get("type"))


AsyncConsumer._reserved = frozenset(name for name in vars(AsyncConsumer) if not name.startswith("_"))  # noqa: SLF001


def _takes_a_message(member: object) -> bool:
    return inspect.isfunction(member) and len(inspect.signature(member).parameters) == len(("self", "message"))
