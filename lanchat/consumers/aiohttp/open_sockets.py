"""The WebSockets of an app that are open now, so that they are closed when it stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from aiohttp import web

from lanchat.consumers.aiohttp.socket import AiohttpSocket

_LOOK = 0.1
GOING_AWAY = 1001
"""Close code of a server that goes down (RFC 6455, section 7.4.1)."""


class OpenSockets:
    """The WebSockets of an app that are open now."""

    def __init__(self) -> None:
        self.sockets: set[AiohttpSocket] = set()

    async def close(self, code: int = GOING_AWAY, reason: str = "going away") -> None:
        """Inform every client that the node goes away."""
        await asyncio.gather(*(socket.close(code, reason) for socket in tuple(self.sockets)))


OPEN_SOCKETS = web.AppKey("open_sockets", OpenSockets)
"""Where an app that closes its WebSockets itself when it stops keeps them."""


class UntoldSockets(OpenSockets):
    """The WebSockets of an app that nobody prepared for them: it is frozen when the first comes, and tells nothing.

    What is seen instead is that its server wants each connection to end, which is a flag of aiohttp's; without anybody
    who looks at it the server waits a minute for them, which is what aiohttp does with handlers that go on.
    """

    def __init__(self) -> None:
        super().__init__()
        self._looking: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Look now and then, as long as there are any, whether they should end."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(_LOOK, self._look)

    def _look(self) -> None:
        self._looking = None
        if any(socket.unwanted for socket in self.sockets):
            self._closing = asyncio.get_running_loop().create_task(self.close())
        elif self.sockets:
            self.watch()


_untold: WeakKeyDictionary[web.Application, UntoldSockets] = WeakKeyDictionary()


@contextmanager
def kept_open(socket: AiohttpSocket, request: web.Request) -> Iterator[None]:
    """Keep a WebSocket among those of its app, until the end of the block."""
    if OPEN_SOCKETS in request.app:
        kept = request.app[OPEN_SOCKETS]
    else:
        kept = untold = _untold.setdefault(request.app, UntoldSockets())
        untold.watch()
    kept.sockets.add(socket)
    try:
        yield
    finally:
        kept.sockets.discard(socket)
