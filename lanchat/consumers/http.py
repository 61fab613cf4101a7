"""Consumers of one HTTP request, as in Django Channels and Fast Channels."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from lanchat.consumers.base import AsyncConsumer
from lanchat.consumers.errors import StopConsumer
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope
from lanchat.consumers.socket import Header

Headers = Mapping[str, str] | Mapping[bytes, bytes] | Iterable[Header]
"""The headers of an answer, by name or as pairs."""


class AsyncHttpConsumer(AsyncConsumer, base=True):
    """One HTTP request. Derive from it and override `handle`.

    A request whose body is larger than `max_body` is answered with status 413. Messages of the layer reach their
    handlers while `handle` waits, so that an answer can be sent in parts as they come.

    Attributes:
        max_body: bytes that a request's body has at most.
    """

    max_body: ClassVar[int] = 1_048_576

    __body: bytes = b""
    __answered = False

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one HTTP request as an ASGI app.

        Raises:
            ValueError: it is a connection of another kind.
            Exception: whatever `handle` or `disconnect` raises.
        """
        if scope["type"] != "http":
            raise ValueError(f"{type(self).__name__} is for HTTP requests, not for {scope['type']!r}.")
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.disconnect()

    async def handle(self, body: bytes) -> None:
        """Answer the request, with `send_response`, or with `send_headers` and `send_body`."""

    async def disconnect(self) -> None:
        """Do what is to be done at the end, whatever way the request ended."""

    async def send_headers(self, status: int = 200, headers: Headers | None = None) -> None:
        """Send the head of the answer."""
        pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
        self.__answered = True
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(_bytes(name).lower(), _bytes(value)) for name, value in pairs],
            }
        )

    async def send_body(self, body: bytes, more_body: bool = False) -> None:
        """Send a part of the answer's body, the last one unless `more_body`.

        Raises:
            TypeError: the body is text.
        """
        if not isinstance(body, bytes):
            raise TypeError(f"A body is bytes, not {type(body).__name__}.")
        await self.send({"type": "http.response.body", "body": body, "more_body": more_body})

    async def send_response(self, status: int, body: bytes, headers: Headers | None = None) -> None:
        """Send the whole answer."""
        await self.send_headers(status, headers)
        await self.send_body(body)

    async def http_request(self, event: AsgiEvent) -> None:
        """Take one part of the request's body, and with the last one answer."""
        self.__body += event.get("body", b"")
        if len(self.__body) > self.max_body:
            await self.send_response(413, b"Request Entity Too Large\n", {"Content-Type": "text/plain"})
        elif event.get("more_body", False):
            return
        else:
            await self.handle(self.__body)
            if not self.__answered:
                raise RuntimeError(f"{type(self).__name__}.handle has answered nothing.")
        raise StopConsumer

    async def http_disconnect(self, event: AsgiEvent) -> None:
        """Take that the client has left."""
        raise StopConsumer


def _bytes(part: str | bytes) -> bytes:
    return part.encode("latin-1") if isinstance(part, str) else part
