"""Who connects: one hook that puts `user` and `session` into the scope, and refuses whom it does not know."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from lanchat.consumers.access.middleware import BaseMiddleware, Inner
from lanchat.consumers.access.refusal import refuse
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.layers import ThrottledLog

UNKNOWN = 4401
"""Close code for a client that nobody knows, where it is accepted first so that its page can read why."""

_log = logging.getLogger(__name__)
_SLOW = "Who connects to %r was not known within %g s; the connection was refused"


class Identity(NamedTuple):
    """Who connects.

    Attributes:
        user: becomes `scope["user"]`.
        session: becomes `scope["session"]`.
    """

    user: Any
    session: Any = None


class AuthMiddleware(BaseMiddleware):
    """Asks who connects before anything is handled.

    Args:
        inner: what is wrapped.
        authenticate: returns the user by what the scope says (`cookies_of`, `header_of`, `query_string`), or an
            Identity; None for nobody. What it raises is the server's error 500, and nobody comes in.
        anonymous: let nobody in as well, with None as the user.
        seconds: how long it may take.
        readable: accept a WebSocket of nobody and close it with 4401, which a page can read; otherwise its handshake is
            refused with status 403.
    """

    def __init__(
        self,
        inner: Inner,
        authenticate: Callable[[Scope], Awaitable[Any]],
        *,
        anonymous: bool = False,
        seconds: float = 10.0,
        readable: bool = False,
    ) -> None:
        super().__init__(inner)
        self._authenticate = authenticate
        self._anonymous = anonymous
        self._seconds = seconds
        self._close_code = UNKNOWN if readable else None
        self._slow = ThrottledLog(_log, logging.WARNING, _SLOW)

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one connection as whoever it is, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await super().__call__(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds) as patience:
                found = await self._authenticate(scope)
        except TimeoutError:
            if not patience.expired():
                raise
            self._slow(scope.get("path"), self._seconds)
            await refuse(scope, receive, send, status=503, close_code=self._close_code and 1013)
            return
        identity = found if isinstance(found, Identity) else Identity(found)
        if identity.user is None and not self._anonymous:
            await refuse(scope, receive, send, close_code=self._close_code)
        else:
            await super().__call__({**scope, "user": identity.user, "session": identity.session}, receive, send)
