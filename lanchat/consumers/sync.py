"""Consumers whose methods are plain functions: each call runs in a worker thread, so that it may block."""

import asyncio
import functools
import json
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, ClassVar, TypeVar

from lanchat.consumers.base import AsyncConsumer, life_of
from lanchat.consumers.errors import AcceptConnection, DenyConnection, StopConsumer
from lanchat.consumers.json import NOT_JSON
from lanchat.consumers.life import in_thread
from lanchat.consumers.scope import AsgiEvent
from lanchat.consumers.socket import Header
from lanchat.consumers.websocket import SocketConsumer, connection_of, groups_of, layer_of
from lanchat.layers import Message

_log = logging.getLogger(__name__)

T = TypeVar("T")


class SyncConsumer(AsyncConsumer, base=True):
    """A consumer whose handlers block. It needs asgiref, as Django does: `pip install "lanchat[sync]"`.

    They run in the thread that asgiref keeps for such code, one after the other for all consumers, as in Django
    Channels; what must not run in two threads, as a connection to SQLite, is safe there. With `thread_sensitive` false
    they run in the worker threads of the event loop (`loop.set_default_executor` says how many there are): one after
    the other for one consumer, beside each other for several. In both, `async_to_sync` calls what is to be awaited, for
    example `async_to_sync(self.channel_layer.group_add)(…)`. A coroutine function among them runs in the event loop.

    Where Django is, connections to databases that are too old are closed before and after each call.

    Attributes:
        thread_sensitive: whether all handlers of all consumers run in one thread.
    """

    in_turn = True
    thread_sensitive: ClassVar[bool] = True
    _lanchat_threads = staticmethod(in_thread)

    def send(self, message: AsgiEvent) -> None:  # type: ignore[override]
        """Send one event of the connection."""
        self.base_send(message)

    def base_send(self, message: AsgiEvent) -> None:  # type: ignore[override]
        """Send one event of the connection as it is, whatever `send` does in a derived class."""
        in_loop(self, lambda: life_of(self).send(message))


class WebsocketConsumer(SyncConsumer, SocketConsumer, base=True):  # type: ignore[misc]  # its `base_send` blocks
    """One WebSocket connection. Derive from it and override `connect`, `receive` and `disconnect`.

    A connection that `connect` neither accepts nor closes is refused.
    """

    def websocket_connect(self, message: Message) -> None:
        """Take the beginning of the connection: join `groups`, then `connect`."""
        for group in groups_of(self):
            in_loop(self, functools.partial(layer_of(self).group_add, group, self.channel_name))
        try:
            self.connect()
        except AcceptConnection:
            self.accept()
        except DenyConnection:
            self.close()

    def websocket_receive(self, message: Message) -> None:
        """Take one message of the client: `receive` it."""
        if (text := message.get("text")) is not None:
            self.receive(text_data=text)
        else:
            self.receive(bytes_data=message["bytes"])

    def websocket_disconnect(self, message: Message) -> None:
        """Take the end of the connection: `disconnect`. Always raises StopConsumer."""
        self.disconnect(message["code"])
        raise StopConsumer

    def connect(self) -> None:
        """Accept the connection, or refuse it with `close`. Called when it begins."""
        self.accept()

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client."""

    def disconnect(self, code: int) -> None:
        """Do what is to be done at the end. Called whatever way an accepted connection ended."""

    def accept(self, subprotocol: str | None = None, headers: Iterable[Header] | None = None) -> None:
        """Accept the connection."""
        in_loop(self, lambda: connection_of(self).accept(subprotocol, headers))

    def send(  # type: ignore[override]
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send one message, and then close the connection if `close` is true or a close code.

        Raises:
            ValueError: neither text nor bytes are given.
        """
        in_loop(self, lambda: connection_of(self).say(text_data, bytes_data, close))

    def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Close the connection, by default with code 1000; before `accept` this refuses it."""
        in_loop(self, lambda: connection_of(self).hang_up(code, reason))


class JsonWebsocketConsumer(WebsocketConsumer, base=True):
    """One WebSocket connection for JSON messages. Derive from it and override `receive_json`.

    A message that is no JSON is answered with `{"error": …}`, and the connection goes on; override `receive_other` to
    answer it otherwise.
    """

    def receive(
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,
        **more: Any,  # noqa: ANN401 - for `receive_json`, from a derived class
    ) -> None:
        """Take one message of the client and decode it."""
        try:
            content = self.decode_json(text_data or "")
        except (ValueError, RecursionError) as error:
            _log.info("%s got a message that is no JSON: %s", type(self).__name__, error)
            self.receive_other(text_data, bytes_data)
        else:
            self.receive_json(content, **more)

    def receive_json(self, content: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Take one decoded message of the client."""

    def receive_other(self, text_data: str | None, bytes_data: bytes | None) -> None:
        """Take a message of the client that is no JSON."""
        self.send_json({"error": NOT_JSON})

    def send_json(self, content: Any, close: bool | int = False) -> None:  # noqa: ANN401
        """Encode `content` and send it, and then close the connection if `close` is true or a close code.

        Raises:
            TypeError: JSON cannot carry it.
        """
        self.send(text_data=self.encode_json(content), close=close)

    @classmethod
    def decode_json(cls, text_data: str) -> Any:  # noqa: ANN401
        """Decode a message. Raises ValueError when it is no JSON."""
        return json.loads(text_data)

    @classmethod
    def encode_json(cls, content: Any) -> str:  # noqa: ANN401
        """Encode a message. Raises TypeError when JSON cannot carry it."""
        return json.dumps(content)


def in_loop(consumer: AsyncConsumer, doing: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Have the event loop of a consumer run something, and give its result. For worker threads.

    Raises:
        RuntimeError: this is the event loop's own thread, which would wait for itself, or the loop has ended.
        NotConnected: the consumer has no connection yet.
        Exception: whatever `doing` raises.
    """
    if asyncio._get_running_loop() is not None:  # noqa: SLF001 - documented, in spite of its name
        raise RuntimeError("Methods of a sync consumer are for its worker threads, not for the event loop.")
    loop = life_of(consumer).loop
    coroutine = doing()
    try:
        result = asyncio.run_coroutine_threadsafe(coroutine, loop)
    except RuntimeError:
        coroutine.close()
        raise
    return result.result()
