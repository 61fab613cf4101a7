"""A WebSocket connection of an ASGI server (https://asgi.readthedocs.io/en/latest/specs/www.html#websocket)."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence

from lanchat.consumers.errors import ClientGone
from lanchat.consumers.limits import HIGH, USUAL, SocketLimits
from lanchat.consumers.outbox import SLOW
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope, routed
from lanchat.consumers.socket import Frames

_log = logging.getLogger(__name__)
_BROKEN, _NO_CODE, _GOING_AWAY, _TOO_LARGE = 1006, 1005, 1001, 1009
_PATIENCE = 1.0
_LOOK = 0.2


class AsgiSocket:
    """What a consumer sends is handed to the server in order, by a task that waits where the server does.

    Args:
        scope: what is known of the connection.
        receive: gives the connection's events.
        send: takes ours.
        limits: how much may wait, and how large a message of the client may be.

    Attributes:
        scope: what is known of the connection.
        goodbye: why the server would not close with the code of this connection; None when it did.
    """

    def __init__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend, limits: SocketLimits = USUAL) -> None:
        self.scope = routed(scope)
        self.goodbye: Exception | None = None
        self._limits = limits
        self._receive = receive
        self._send = send
        self._answered = False
        self._accepted = False
        self._code: int | None = None
        self._told = False
        self._waiting: deque[AsgiEvent] = deque()
        self._size = 0
        self._sender: asyncio.Future[None] | None = None
        self._next: asyncio.Future[AsgiEvent] | None = None
        self._taken: asyncio.Future[None] | None = None

    @property
    def peer(self) -> str:
        """The client's address, without its port; empty when it is not known."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    @property
    def accepted(self) -> bool:
        """Whether the handshake was answered with yes."""
        return self._accepted

    @property
    def close_code(self) -> int:
        """The code with which the connection ended; 1006 when it broke, 4008 when its reader was too slow."""
        return _BROKEN if self._code is None else self._code

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        """Answer the handshake with yes.

        Raises:
            ClientGone: the client has left.
            RuntimeError: it was answered already.
        """
        event: AsgiEvent = {"type": "websocket.accept"}
        if subprotocol is not None:
            event["subprotocol"] = subprotocol
        if headers:
            event["headers"] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._answer()
        try:
            await self._send(event)
        except OSError as error:
            raise ClientGone("The client left during the handshake.") from error
        self._accepted = True

    async def receive(self) -> str | bytes | None:
        """Wait for the next message of the client; None when the connection has ended."""
        while self._code is None:
            event = await self._next_event()
            if event is None:
                break
            if event["type"] == "websocket.disconnect":
                self._told = True
                self._end(event.get("code") or _NO_CODE)
                break
            text = event.get("text")
            data: str | bytes | None = text if text is not None else event.get("bytes")
            if data is None:
                continue
            if self._limits.admits(data):
                return data
            self._end(_TOO_LARGE)
        return None

    def send_text(self, payload: str | bytes) -> None:
        """Send one text message; bytes are UTF-8 already. Raises RuntimeError before `accept`."""
        text = payload.decode() if isinstance(payload, bytes) else payload
        self._put({"type": "websocket.send", "text": text})

    def send_bytes(self, payload: bytes) -> None:
        """Send one binary message. Raises RuntimeError before `accept`."""
        self._put({"type": "websocket.send", "bytes": payload})

    @property
    def congested(self) -> bool:
        """Whether so much waits for the client that more of it should wait too."""
        return self._size > HIGH

    async def drained(self) -> None:
        """Wait until less waits for the client; one that takes nothing for too long is cut off."""
        while self._size > HIGH and self._code is None:
            waited = self._size
            if self._taken is None:
                self._taken = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._taken}, timeout=self._limits.patience)
            if self._size >= waited:
                self._cut_off()

    @property
    def frames(self) -> Frames:
        """Refuse: an ASGI server makes the frames itself."""
        raise RuntimeError("Ready-made frames cannot be sent through an ASGI server.")

    async def close(self, code: int, reason: str) -> None:
        """Send what waits, then close; before `accept` refuse the handshake. Nothing happens the second time."""
        if self._code is not None:
            return
        if not self._accepted:
            await self._answer()
        self._end(code)
        await self._say_goodbye(reason)

    async def end(self) -> None:
        """Inform a client that was cut off, or whose server stops, and end what still sends to it."""
        if self._answered and not self._told:
            self._end(_GOING_AWAY)
            await self._say_goodbye("")
        if self._sender is not None and not self._sender.done():
            self._sender.cancel()
            await asyncio.wait({self._sender})

    async def _answer(self) -> None:
        """Take the first event, which means that the client waits for an answer."""
        if self._answered:
            raise RuntimeError("The handshake was answered already.")
        self._answered = True
        event = await self._receive()
        if event["type"] != "websocket.connect":
            self._told = True
            raise ClientGone("The client left during the handshake.")

    async def _next_event(self) -> AsgiEvent | None:
        """Wait for an event; None when the connection is closed from this side meanwhile."""
        self._next = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait({self._next})
        finally:
            self._next.cancel()
        return None if self._next.cancelled() else self._next.result()

    def _put(self, event: AsgiEvent) -> None:
        if not self._accepted:
            raise RuntimeError("The connection is not accepted; nothing can be sent.")
        if self._code is not None:
            return
        if self._size > self._limits.max_waiting:
            self._cut_off()
            return
        self._waiting.append(event)
        self._size += _size(event)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.ensure_future(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                event = self._waiting.popleft()
                await self._send(event)
                self._size -= _size(event)
                self._wake()
        except Exception as error:  # noqa: BLE001 - as in _say_goodbye
            _log.debug("A message could not be sent: %s", error)
            self._told = True
            self._waiting.clear()
            self._end(_BROKEN)

    def _cut_off(self) -> None:
        """Give the client up, because it reads too slowly; what waits is dropped."""
        self._waiting.clear()
        self._end(SLOW)

    def _wake(self) -> None:
        """Have those look again who wait until the client has taken something."""
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(None)
        self._taken = None

    async def _say_goodbye(self, reason: str) -> None:
        """Send what waits and the close event, both not for ever."""
        self._told = True
        if self._sender is not None:
            await asyncio.wait({self._sender}, timeout=_PATIENCE)
        event: AsgiEvent = {"type": "websocket.close", "code": self.close_code}
        if reason:
            event["reason"] = reason
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._send(event)
        except (OSError, TimeoutError):  # the client has gone, or takes nothing any more
            _log.debug("The client was not there for the close")
        except Exception as error:  # noqa: BLE001 - servers raise what they like
            if not await self._has_gone():
                self.goodbye = error

    async def _has_gone(self) -> bool:
        """Whether the client has left, which the server then says next."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LOOK):
                while (await self._receive())["type"] != "websocket.disconnect":
                    pass
                return True
        return False

    def _end(self, code: int) -> None:
        if self._code is None:
            self._code = code
        self._wake()
        if self._next is not None:
            self._next.cancel()


def _size(event: AsgiEvent) -> int:
    """Return how many characters or bytes a message has, which is exact enough for a bound."""
    return len(event.get("text") or event.get("bytes") or b"")
