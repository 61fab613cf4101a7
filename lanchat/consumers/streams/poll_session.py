"""One WebSocket consumer that is talked to by requests: what waits for the client, and what came from it."""

import asyncio
import base64
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sized
from typing import Any

from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope

_log = logging.getLogger(__name__)
_REFUSED, _SLOW = 1000, 4008

Line = dict[str, Any]
"""What a poll brings of one message: its `id`, and `text`, or `bytes` in Base64."""


class PollSession:
    """The connection of one client.

    Args:
        app: the consumer.
        scope: of its connection.
        room: messages that wait at most in each direction.
        patience: seconds that one may wait for room; then the consumer is ended with code 4008.

    Attributes:
        user: whom the scope names; nobody else may go on with the session.
        code: with which the connection was closed; None while it is open.
        accepted: whether it was accepted.
        used: when the client was last here, in seconds of the event loop's clock.
    """

    def __init__(
        self, app: Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]], scope: Scope, *, room: int, patience: float
    ) -> None:
        self.user = scope.get("user")
        self.code: int | None = None
        self.accepted = False
        self._room = room
        self._patience = patience
        self._events: deque[AsgiEvent] = deque([{"type": "websocket.connect"}])
        self._lines: deque[Line] = deque()
        self._number = 0
        self._changed = asyncio.Condition()
        self._polls = 0
        self._newest: object = None
        self._loop = asyncio.get_running_loop()
        self.used = self._loop.time()
        self._running = self._loop.create_task(self._run(app, scope))

    @property
    def over(self) -> bool:
        """Whether there is nothing any more that a client could take."""
        return self.code is not None and not self._lines

    @property
    def polled(self) -> bool:
        """Whether a poll waits now."""
        return self._polls > 0

    async def opened(self) -> bool:
        """Wait until the consumer has accepted or refused, and return whether it has accepted."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.accepted or self.code is not None)
        return self.accepted

    async def take(self, data: str | bytes) -> bool:
        """Take a message of the client; False when there are too many already, or the connection is closed."""
        self.used = self._loop.time()
        async with self._changed:
            if not await self._has_room(self._events):
                return False
            self._events.append({"type": "websocket.receive", "text" if isinstance(data, str) else "bytes": data})
            self._changed.notify_all()
        return True

    async def poll(self, after: int, hold: float) -> list[Line]:
        """Forget what the client has, and wait for what comes behind it, up to `hold` seconds.

        A second poll while one waits ends that one with nothing, because its client has lost it.
        """
        self._polls += 1
        mine = object()
        self._newest = mine
        try:
            async with self._changed:
                while self._lines and self._lines[0]["id"] <= after:
                    self._lines.popleft()
                self._changed.notify_all()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(hold):
                        await self._changed.wait_for(
                            lambda: self._lines or self.code is not None or self._newest is not mine
                        )
                return list(self._lines) if self._newest is mine else []
        finally:
            self._polls -= 1
            self.used = self._loop.time()

    async def end(self, code: int) -> None:
        """End the connection from the client's side, and wait until the consumer has ended."""
        await self._close(code)
        if not self._running.done():
            await asyncio.wait({self._running}, timeout=self._patience)
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self, app: Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]], scope: Scope) -> None:
        code = _REFUSED
        try:
            await app(scope, self._receive, self._send)
        except Exception:  # noqa: BLE001 - one connection's fault ends that connection
            code = 1011
            _log.exception("A consumer behind long polling failed")
        finally:
            await self._close(code)

    async def _send(self, event: AsgiEvent) -> None:
        if event["type"] == "websocket.accept":
            async with self._changed:
                self.accepted = True
                self._changed.notify_all()
        elif event["type"] == "websocket.close":
            await self._close(event.get("code") or _REFUSED)
        else:
            await self._put(event)

    async def _receive(self) -> AsgiEvent:
        async with self._changed:
            await self._changed.wait_for(lambda: self._events or self.code is not None)
            if self._events:
                self._changed.notify_all()
                return self._events.popleft()
            return {"type": "websocket.disconnect", "code": self.code}

    async def _put(self, event: AsgiEvent) -> None:
        async with self._changed:
            if not await self._has_room(self._lines):
                if self.code is None:
                    self._lines.clear()
                    self.code = _SLOW
                    self._changed.notify_all()
                raise ConnectionResetError("The client has left.")
            self._number += 1
            text = event.get("text")
            said = {"text": text} if text is not None else {"bytes": base64.b64encode(event["bytes"]).decode()}
            self._lines.append({"id": self._number, **said})
            self._changed.notify_all()

    async def _has_room(self, waiting: Sized) -> bool:
        """Wait until one more may wait, and return whether it may; only with the condition."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._changed.wait_for(lambda: len(waiting) < self._room or self.code is not None)
        return len(waiting) < self._room and self.code is None

    async def _close(self, code: int) -> None:
        async with self._changed:
            if self.code is None:
                self.code = code
            self._changed.notify_all()
