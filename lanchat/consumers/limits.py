"""How much one WebSocket may take, in both directions."""

from typing import NamedTuple

HIGH = 65_536
"""Bytes that may wait for a client before who sends more of them has to wait as well."""


class SocketLimits(NamedTuple):
    """The bounds of one WebSocket, the same on every server.

    Attributes:
        max_message: bytes of the largest message of the client; a larger one ends the connection with code 1009. None
            for no bound but that of the server.
        max_waiting: bytes that may wait for the client. While more of them wait, what is sent without waiting cuts it
            off, with code 4008: it reads too slowly.
        patience: seconds in which the client has to take something while `await send` waits for it; otherwise it is
            cut off in the same way.
    """

    max_message: int | None = 65_536
    max_waiting: int = 512 * 1024
    patience: float = 20.0

    def admits(self, message: str | bytes) -> bool:
        """Whether a message of the client is not too large."""
        if self.max_message is None or len(message) > self.max_message:
            return self.max_message is None
        return isinstance(message, bytes) or message.isascii() or len(message.encode()) <= self.max_message


USUAL = SocketLimits()
"""What holds where nobody says otherwise."""
