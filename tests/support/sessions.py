"""The socket of a client that is not there."""

from collections.abc import Sequence
from typing import Self

from lanchat.consumers import Scope
from lanchat.protocol import Event, Reply
from lanchat.protocol.codec import decode_reply


class Recorder:
    """Keeps what is sent, as frames of the protocol."""

    accepted = True
    peer = ""
    close_code = 1000

    congested = False

    async def drained(self) -> None:
        raise AssertionError("nobody waits for this reader")

    def __init__(self) -> None:
        self.scope: Scope = {}
        self.heard: list[Reply] = []

    @property
    def seqs(self) -> list[int]:
        """The numbers of the events that were sent."""
        return [reply.seq for reply in self.heard if isinstance(reply, Event)]

    def send_text(self, payload: str | bytes) -> None:
        self.heard.append(decode_reply(payload))

    def write(self, frames: bytes) -> None:
        while frames:
            length, start = frames[1], 2
            if length == 126:
                length, start = int.from_bytes(frames[2:4], "big"), 4
            elif length == 127:
                length, start = int.from_bytes(frames[2:10], "big"), 10
            self.send_text(frames[start : start + length])
            frames = frames[start + length :]

    push = write

    @property
    def frames(self) -> Self:
        return self

    def send_bytes(self, payload: bytes) -> None:
        raise AssertionError("the protocol speaks text")

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...

    async def receive(self) -> str | bytes | None:
        return None
