"""The WebSocket under a consumer, whatever server it comes from."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol, runtime_checkable

from lanchat.consumers.limits import SocketLimits
from lanchat.consumers.scope import Scope

Header = tuple[str | bytes, str | bytes]
"""One header of an answer: its name and its value."""


class Frames(Protocol):
    """Takes ready-made WebSocket frames."""

    def write(self, frames: bytes) -> None:
        """Send them at the end of this turn of the event loop, with what else it brings."""

    def push(self, frames: bytes) -> None:
        """Send them now, behind what waits; for what comes once in a turn to everybody."""


class Socket(Protocol):
    """The WebSocket under a consumer; one class for each kind of server."""

    @property
    def scope(self) -> Scope:
        """What is known of the connection."""

    @property
    def peer(self) -> str:
        """The client's address, without its port; empty when it is not known. It takes less than the whole scope."""

    @property
    def accepted(self) -> bool:
        """Whether the handshake was answered with yes."""

    @property
    def close_code(self) -> int:
        """The code with which the connection ended; 1006 when it broke, 4008 when its reader was too slow."""

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        """Answer the handshake with yes.

        Raises:
            ClientGone: the client has left.
            RuntimeError: it was answered already.
        """

    async def receive(self) -> str | bytes | None:
        """Wait for the next message of the client; None when the connection has ended."""

    def send_text(self, payload: str | bytes) -> None:
        """Send one text message; bytes are UTF-8 already. Raises RuntimeError before `accept`."""

    def send_bytes(self, payload: bytes) -> None:
        """Send one binary message. Raises RuntimeError before `accept`."""

    @property
    def congested(self) -> bool:
        """Whether so much waits for the client that more of it should wait too."""

    async def drained(self) -> None:
        """Wait until less waits for the client; one that takes nothing for too long is cut off."""

    @property
    def frames(self) -> Frames:
        """Where ready-made WebSocket frames go. Raises RuntimeError before `accept`."""

    async def close(self, code: int, reason: str) -> None:
        """Send what waits, then close; before `accept` refuse the handshake. Nothing happens the second time."""


@runtime_checkable
class LivesOnSocket(Protocol):
    """A consumer that lives on a WebSocket, rather than on a connection's events one by one."""

    def _lanchat_run_on(self, socket: Socket) -> Coroutine[Any, Any, Exception | None]:
        """Live through one connection, and return the error that has ended it, if one has."""

    @property
    def socket_limits(self) -> SocketLimits:
        """The bounds of its WebSocket."""

    def handler_failed(self, error: Exception, where: str) -> None:
        """Take note of an error."""
