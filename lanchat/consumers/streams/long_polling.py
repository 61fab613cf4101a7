"""Long polling: WebSocket consumers for clients whose network lets through plain requests only."""

import asyncio
import json
import logging
import secrets
from typing import Any
from urllib.parse import parse_qsl

from lanchat.consumers.access import Inner, as_app, header_of, refuse
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.consumers.streams.poll_session import PollSession

_log = logging.getLogger(__name__)
_EXPIRED, _LEFT = 1006, 1001
_LOOK = 1.0
_BAD_REQUEST, _TOO_LARGE, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED, _FULL, _BUSY = 400, 413, 403, 404, 405, 503, 429


class LongPolling:
    """An ASGI app that talks to a WebSocket consumer by requests.

    - `POST` opens a session. The answer is `{"session": …}`, or status 403 when the consumer refuses. Its name is a
      secret: who sends it in the header X-Session goes on with the connection. No other page can, because a browser
      asks before it sends such a header elsewhere, and no log has it.
    - `GET ?after=N` waits for messages behind the one with the id N, and gives
      `{"messages": [{"id": …, "text": …}], "code": null}`; binary ones are `bytes` in Base64. What has an id up to N is
      forgotten then, so a lost answer loses nothing. `code` is the close code when the connection is over.
    - `POST` in a session gives the body to the consumer, as text, or with the type application/octet-stream as bytes.
    - `DELETE` ends it.

    A session lives in this process: with several, a client has to reach the same one.

    Args:
        inner: a WebSocket consumer, or an ASGI app around one.
        hold: seconds that a request waits for a message.
        idle: seconds without a request after which a connection has ended.
        most_sessions: connections at once; who comes then is answered with 503.
        room: messages that wait for a client at most, and as many from it. Whoever sends waits for room.
        patience: seconds that a message may wait for room; then the connection ends with code 4008.
        max_body: bytes that a message of a client has at most.
    """

    def __init__(
        self,
        inner: Inner,
        *,
        hold: float = 25.0,
        idle: float = 60.0,
        most_sessions: int = 1000,
        room: int = 100,
        patience: float = 30.0,
        max_body: int = 65_536,
    ) -> None:
        self._inner = as_app(inner)
        self._hold = hold
        self._idle = idle
        self._most = most_sessions
        self._room = room
        self._patience = patience
        self._max_body = max_body
        self._sessions: dict[str, PollSession] = {}
        self._opening = 0
        self._sweeping: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Answer one request.

        Raises:
            ValueError: it is neither a request nor a WebSocket.
        """
        if scope["type"] != "http":
            await refuse(scope, receive, send)
            return
        answer = {"POST": self._post, "GET": self._get, "DELETE": self._delete}.get(scope["method"])
        if answer is None:
            await refuse(scope, receive, send, status=_NOT_ALLOWED)
            return
        found = await answer(scope, receive, header_of(scope, "x-session") or "")
        if isinstance(found, int):
            await refuse(scope, receive, send, status=found)
        else:
            body = json.dumps(found).encode()
            headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def close(self) -> None:
        """End every connection."""
        sessions, self._sessions = list(self._sessions.values()), {}
        await asyncio.gather(*(session.end(_LEFT) for session in sessions))
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait({self._sweeping})

    async def _post(self, scope: Scope, receive: AsgiReceive, name: str) -> dict[str, Any] | int:
        if not name:
            return await self._open(scope)
        session = self._session(scope, name)
        if session is None:
            return _NOT_FOUND
        body = await self._body(receive)
        if body is None:
            return _TOO_LARGE
        binary = header_of(scope, "content-type") == "application/octet-stream"
        try:
            data = body if binary else body.decode()
        except UnicodeDecodeError:
            return _BAD_REQUEST
        return {} if await session.take(data) else _BUSY

    async def _get(self, scope: Scope, _receive: AsgiReceive, name: str) -> dict[str, Any] | int:
        after = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"))).get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 16):  # noqa: PLR2004 - what JavaScript can count
            return _BAD_REQUEST
        session = self._session(scope, name)
        if session is None:
            return _NOT_FOUND
        messages = await session.poll(int(after), self._hold)
        if session.over:
            self._sessions.pop(name, None)
        return {"messages": messages, "code": session.code}

    async def _delete(self, scope: Scope, _receive: AsgiReceive, name: str) -> dict[str, Any] | int:
        session = self._session(scope, name)
        if session is None:
            return _NOT_FOUND
        del self._sessions[name]
        await session.end(_LEFT)
        return {}

    async def _open(self, scope: Scope) -> dict[str, Any] | int:
        if len(self._sessions) + self._opening >= self._most:
            _log.warning("There are %d sessions of long polling; one more was refused", self._most)
            return _FULL
        connection = {**scope, "type": "websocket", "subprotocols": []}
        connection["scheme"] = scope.get("scheme", "http").replace("http", "ws")
        session = PollSession(self._inner, connection, room=self._room, patience=self._patience)
        self._opening += 1
        try:
            async with asyncio.timeout(self._patience):
                accepted = await session.opened()
        except TimeoutError:
            accepted = False
        finally:
            self._opening -= 1
        if not accepted:
            await session.end(_EXPIRED)
            return _FORBIDDEN
        name = secrets.token_urlsafe()
        self._sessions[name] = session
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.get_running_loop().create_task(self._sweep())
        return {"session": name}

    def _session(self, scope: Scope, name: str) -> PollSession | None:
        session = self._sessions.get(name)
        return session if session is not None and session.user == scope.get("user") else None

    async def _body(self, receive: AsgiReceive) -> bytes | None:
        """Return the body of a request; None when it is too large, or its client has left."""
        body: bytes = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if event["type"] != "http.request" or len(body) > self._max_body:
                return None
            if not event.get("more_body", False):
                return body

    async def _sweep(self) -> None:
        """End the connections whose clients do not come any more; runs while there are some."""
        loop = asyncio.get_running_loop()
        while self._sessions:
            await asyncio.sleep(min(self._idle, _LOOK))
            oldest = loop.time() - self._idle
            gone = [name for name, session in self._sessions.items() if session.used < oldest and not session.polled]
            await asyncio.gather(*(self._sessions.pop(name).end(_EXPIRED) for name in gone))
