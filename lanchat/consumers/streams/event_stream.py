"""Consumers of one stream of server-sent events, which a page reads with EventSource."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from lanchat.consumers.access import header_of
from lanchat.consumers.errors import StopConsumer
from lanchat.consumers.http import AsyncHttpConsumer
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope
from lanchat.consumers.streams.event_format import HEARTBEAT, event_bytes, last_event_id

_log = logging.getLogger(__name__)
_HEAD = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events until its buffer is full
}
_AGAIN = 5


class EventStreamConsumer(AsyncHttpConsumer, base=True):
    """One stream of events. Derive from it and override `connect` and `disconnect`; handlers `send_event`.

    `send_event` waits while the reader has not taken what came before. Meanwhile messages wait, as many as the layer's
    channel holds; a reader who takes nothing for `patience` is cut off, and comes back by itself.

    Attributes:
        headers: more headers of the answer.
        heartbeat: seconds of silence after which a comment is sent, so that nobody takes the connection for dead.
        patience: seconds that one event may wait for a slow reader.
        lifetime: seconds after which the stream ends and the browser comes back, perhaps to another process; None for
            as long as it likes.
        most_streams: streams of this class that may be open in this process; who comes then is answered with 503.
        last_event_id: the id of the last event that the browser has seen; empty when it is here for the first time.
    """

    headers: ClassVar[Mapping[str, str]] = {}
    heartbeat: ClassVar[float] = 15.0
    patience: ClassVar[float] = 30.0
    lifetime: ClassVar[float | None] = None
    most_streams: ClassVar[int] = 1000

    last_event_id = ""

    _open_streams: ClassVar[set["EventStreamConsumer"]] = set()
    _beating: asyncio.Task[None] | None = None
    _quiet_since = 0.0
    _over: asyncio.Event

    def __init_subclass__(cls, *, base: bool = False, **settings: Any) -> None:  # noqa: ANN401 - a mixin's
        """Count the streams of each class apart."""
        super().__init_subclass__(base=base, **settings)
        cls._open_streams = set()

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one request as an ASGI app. Raises as AsyncHttpConsumer does."""
        self._over = asyncio.Event()

        async def events() -> AsgiEvent:
            over, event = asyncio.ensure_future(self._over.wait()), asyncio.ensure_future(receive())
            try:
                await asyncio.wait({over, event}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                over.cancel()
                event.cancel()
            return await event if event.done() else {"type": "http.disconnect"}

        try:
            await super().__call__(scope, events, send)
        finally:
            self._open_streams.discard(self)
            if self._beating is not None:
                self._beating.cancel()
                await asyncio.wait({self._beating})

    async def connect(self) -> None:
        """Begin: join groups, send what was missed since `last_event_id`. The stream is open already."""

    async def send_event(
        self,
        data: Any,  # noqa: ANN401 - whatever JSON can hold
        *,
        event: str | None = None,
        id: str | None = None,  # noqa: A002 - the name of the field
        retry: float | None = None,
    ) -> None:
        """Send one event, and wait until there is room for another.

        Args:
            data: a text, or what is sent as JSON.
            event: the type; None for `message`.
            id: what the browser says when it comes back.
            retry: seconds after which it comes back when the connection is lost.

        Raises:
            ValueError: a type, an id or a time that cannot be written.
            TypeError: JSON cannot carry the data.
            StopConsumer: the reader has taken nothing for too long, or the stream has ended.
        """
        text = data if isinstance(data, str) else json.dumps(data)
        await self._write(event_bytes(text, event=event, id=id, retry=retry))

    async def close(self) -> None:
        """End the stream. The browser comes back by itself, unless the page has closed its EventSource."""
        if not self._over.is_set():
            self._over.set()
            await self.send_body(b"")

    async def http_request(self, event: AsgiEvent) -> None:
        """Open the stream when the request is complete; what a body would say is nobody's concern."""
        if event.get("more_body", False):
            return
        if self.scope.get("method", "GET") != "GET":
            await self.send_response(405, b"Method Not Allowed\n", {"Content-Type": "text/plain", "Allow": "GET"})
            raise StopConsumer
        if len(self._open_streams) >= self.most_streams:
            _log.warning("%s has %d open streams; one more was refused", type(self).__name__, self.most_streams)
            head = {"Content-Type": "text/plain", "Retry-After": str(_AGAIN)}
            await self.send_response(503, b"Service Unavailable\n", head)
            raise StopConsumer
        self._open_streams.add(self)
        self.last_event_id = last_event_id(header_of(self.scope, "last-event-id"))
        await self.send_headers(200, {**_HEAD, **self.headers})
        await self._write(HEARTBEAT)  # some proxies pass on the head with the first bytes only
        self._beating = asyncio.get_running_loop().create_task(self._beat())
        await self.connect()

    async def _write(self, data: bytes) -> None:
        if self._over.is_set():
            raise StopConsumer
        self._quiet_since = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self.patience):
                await self.send_body(data, more_body=True)
        except (TimeoutError, OSError) as error:
            self._over.set()
            if isinstance(error, TimeoutError):
                _log.info("A reader of %s took nothing for %g s and was cut off", type(self).__name__, self.patience)
            raise StopConsumer from None

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.lifetime if self.lifetime is not None else None
        try:
            while until is None or loop.time() < until:
                due = self._quiet_since + self.heartbeat
                await asyncio.sleep(max(0.0, (due if until is None else min(due, until)) - loop.time()))
                if loop.time() >= self._quiet_since + self.heartbeat:
                    await self._write(HEARTBEAT)
            await self.close()
        except (StopConsumer, OSError):
            return
