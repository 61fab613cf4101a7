"""Consumers whose methods are plain functions: each call runs in a worker thread, so that it may block."""

import asyncio
import inspect
import json
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from lanchat.consumers.base import AsyncConsumer
from lanchat.consumers.handlers import Handler, Method
from lanchat.consumers.json import NOT_JSON
from lanchat.consumers.scope import AsgiEvent
from lanchat.consumers.socket import Header
from lanchat.consumers.websocket import WebsocketLife
from lanchat.layers import Message

_log = logging.getLogger(__name__)

T = TypeVar("T")


class SyncConsumer(AsyncConsumer, base=True):
    """A consumer whose handlers block.

    They run in the worker threads of the event loop (`loop.set_default_executor` says how many there are), one after
    the other for one consumer, beside each other for several. A coroutine function among them runs in the event loop.
    From a handler the layer is reached by `self.channel_layer.send_sync` and `group_send_sync`, and what else there is
    to await by `wait_for`.
    """

    in_turn = True

    _loop: asyncio.AbstractEventLoop | None = None

    def send(self, message: AsgiEvent) -> None:  # type: ignore[override]
        """Send one event of the connection."""
        self.wait_for(super().send(message))

    def wait_for(self, doing: Coroutine[Any, Any, T]) -> T:
        """Have the event loop run `doing`, and give its result. For worker threads.

        Raises:
            RuntimeError: this is the event loop's own thread, which would wait for itself, or the loop has ended.
            Exception: whatever `doing` raises.
        """
        try:
            result = asyncio.run_coroutine_threadsafe(doing, self._other_loop())
        except RuntimeError:
            doing.close()
            raise
        return result.result()

    async def open_channel(self) -> None:
        """Take a channel on the layer. It keeps its messages until `listen`."""
        self._loop = asyncio.get_running_loop()
        await super().open_channel()

    def _other_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop of the connection, which is not that of this thread."""
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - documented, in spite of its name
            raise RuntimeError("Methods of a sync consumer are for its worker threads, not for the event loop.")
        if self._loop is None:
            raise RuntimeError(f"{type(self).__name__} has no connection yet.")
        return self._loop

    @classmethod
    def _handler(cls, method: Method) -> Handler:
        if inspect.iscoroutinefunction(method):
            return super()._handler(method)

        async def call(consumer: AsyncConsumer, message: Message) -> None:
            await _in_thread(method, consumer, message)

        return Handler(call, waits=True)


class WebsocketConsumer(SyncConsumer, WebsocketLife, base=True):
    """One WebSocket connection. Derive from it and override `connect`, `receive` and `disconnect`.

    A connection that `connect` neither accepts nor closes is refused.
    """

    def connect(self) -> None:
        """Accept the connection, or refuse it with `close`. Called when it begins."""
        self.accept()

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client."""

    def disconnect(self, code: int) -> None:
        """Do what is to be done at the end. Called whatever way an accepted connection ended."""

    def accept(self, subprotocol: str | None = None, headers: Iterable[Header] = ()) -> None:
        """Accept the connection."""
        self.wait_for(self._accept(subprotocol, headers))

    def send(  # type: ignore[override]
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send one message, and then close the connection if `close` is true or a close code.

        Raises:
            ValueError: neither text nor bytes are given.
        """
        self.wait_for(self._send(text_data, bytes_data, close))

    def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Close the connection, by default with code 1000; before `accept` this refuses it."""
        self.wait_for(self._close(code, reason))

    async def _begin(self) -> None:
        await _in_thread(self.connect)

    async def _received(self, data: str | bytes) -> None:
        await _in_thread(self.receive, *((data,) if isinstance(data, str) else (None, data)))

    async def _disconnected(self, code: int) -> None:
        await _in_thread(self.disconnect, code)


class JsonWebsocketConsumer(WebsocketConsumer, base=True):
    """One WebSocket connection for JSON messages. Derive from it and override `receive_json`.

    A message that is no JSON is answered with `{"error": …}`, and the connection goes on; override `receive_other` to
    answer it otherwise.
    """

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client and decode it."""
        try:
            content = self.decode_json(text_data or "")
        except (ValueError, RecursionError) as error:
            _log.info("%s got a message that is no JSON: %s", type(self).__name__, error)
            self.receive_other(text_data, bytes_data)
        else:
            self.receive_json(content)

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
        self.send(self.encode_json(content), close=close)

    @classmethod
    def decode_json(cls, text_data: str) -> Any:  # noqa: ANN401
        """Decode a message. Raises ValueError when it is no JSON."""
        return json.loads(text_data)

    @classmethod
    def encode_json(cls, content: Any) -> str:  # noqa: ANN401
        """Encode a message. Raises TypeError when JSON cannot carry it."""
        return json.dumps(content)


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401
    """Call a function in a worker thread. Who is cancelled meanwhile still waits for it: no thread can be stopped."""
    running = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise
