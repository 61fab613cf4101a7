"""What waits for one WebSocket: ready-made frames, written once per turn of the event loop.

A frame is encoded once and appended to the outbox of each member; everything that one turn of the loop brought leaves
in one write per socket. Nobody waits for a reader: one that falls behind its bound is cut off with close code 4008 and
comes back by its cursor. docs/design.md reasons about the roads not taken.
"""

import asyncio
import contextlib

from lanchat.consumers.limits import HIGH, USUAL

LIMIT = USUAL.max_waiting
"""Bytes that may wait for one reader, beyond what the kernel's socket buffer takes."""
SLOW = 4008
"""Close code for a reader that fell behind; it may come back with its cursor (docs/protocol.md)."""

_PATIENCE = 5.0
_TEXT = 0x81
_BINARY = 0x82
_CLOSE = 0x88
_PING = 0x89
_PONG = 0x8A
_SHORT = 126
_MEDIUM = 65_536


def abort(transport: asyncio.WriteTransport) -> None:
    """Close a connection at once, whatever state it is in.

    A transport of TLS that has ended already raises AttributeError on the first versions of Python 3.11.
    """
    with contextlib.suppress(AttributeError):
        transport.abort()


def text_frame(payload: bytes) -> bytes:
    """Return the unmasked WebSocket text frame of a UTF-8 payload (RFC 6455, section 5.2)."""
    return _head(_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """Return the unmasked WebSocket binary frame of a payload (RFC 6455, section 5.2)."""
    return _head(_BINARY, len(payload)) + payload


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping with this payload (RFC 6455, section 5.5.3)."""
    return _head(_PONG, len(payload)) + payload


PING_FRAME = bytes((_PING, 0))
"""A ping without a payload."""


class Fanout:
    """The outboxes of one event loop that have something to write, flushed together at the end of the turn."""

    def __init__(self) -> None:
        self._dirty: list[Outbox] = []
        self._last: str | bytes = b""
        self._frame = text_frame(b"")

    def text(self, payload: str | bytes) -> bytes:
        """Return the frame of a text. The same object, sent to one member after the other, is encoded once."""
        if payload is not self._last:
            self._frame = text_frame(payload.encode() if isinstance(payload, str) else payload)
            self._last = payload
        return self._frame

    def mark(self, outbox: "Outbox") -> None:
        """Write out `outbox` at the end of this turn."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(outbox)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for outbox in dirty:
            outbox.flush()


class Outbox:
    """The frames that wait for one socket.

    Args:
        transport: where the socket's bytes go; nobody else may be in the middle of a frame on it.
        fanout: flushes at the end of the turn.
        limit: bytes that may wait for its reader, beyond what the kernel's socket buffer takes. While more of them
            wait, the next write cuts the reader off.

    Attributes:
        behind: whether, when it was last written, so much waited that whoever can wait should.
        fanout: what flushes it.
        cut: whether the reader was cut off because it fell behind.
    """

    __slots__ = ("_first", "_limit", "_more", "_pending", "_transport", "behind", "cut", "fanout")

    def __init__(self, transport: asyncio.WriteTransport, fanout: Fanout, limit: int = LIMIT) -> None:
        self._transport = transport
        self._limit = limit
        self._pending = 0
        self.behind = False
        self.fanout = fanout
        # Most often one piece waits; a list for it would be one more object to reach for each member of a room.
        self._first = b""
        self._more: list[bytes] | None = None
        self.cut = False

    def write(self, frames: bytes) -> None:
        """Append one or more whole frames."""
        self._pending += len(frames)
        if not self._first:
            self._first = frames
            self.fanout.mark(self)
        elif self._more is None:
            self._more = [frames]
        else:
            self._more.append(frames)
        if self._pending > self._limit:
            self.flush()

    def push(self, frames: bytes) -> None:
        """Write one or more whole frames now, behind what waits; for what comes once in a turn to everybody."""
        if self._first:
            self.write(frames)
            self.flush()
            return
        # What `_write` does, written out: this happens for each member of a room and each message.
        transport = self._transport
        if self.behind:
            self._write(frames)
        elif not (self.cut or transport.is_closing()):
            transport.write(frames)
            self.behind = transport.get_write_buffer_size() > HIGH

    def flush(self) -> None:
        """Write what waits, or cut the reader off."""
        data = self._first
        if not data:
            return
        self._first = b""
        self._pending = 0
        if self._more is not None:
            data = b"".join((data, *self._more))
            self._more = None
        self._write(data)

    def end(self) -> None:
        """Close; the bytes already given to the transport go first, within a few seconds."""
        if not self._transport.is_closing():
            self._transport.close()
        if self.waiting():
            asyncio.get_running_loop().call_later(_PATIENCE, self._give_up)

    @property
    def congested(self) -> bool:
        """Whether so much waits for the reader that who can wait should."""
        return self.behind or self._pending > HIGH

    def abort(self) -> None:
        """Close at once."""
        abort(self._transport)

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if self.cut or transport.is_closing():
            return
        if self.behind and transport.get_write_buffer_size() > self._limit:
            self.cut_off()
            return
        transport.write(data)
        self.behind = transport.get_write_buffer_size() > HIGH

    def _give_up(self) -> None:
        if self.waiting():
            abort(self._transport)

    def waiting(self) -> int:
        """Return how many bytes the transport has still to send."""
        try:
            return self._transport.get_write_buffer_size()
        except AttributeError:  # how Python 3.11 says that a transport of TLS was closed twice; it ends by itself
            return 0

    def cut_off(self) -> None:
        """Say why and close."""
        self.cut = True
        reason = SLOW.to_bytes(2, "big") + b"too slow; come back with your cursor"
        self._transport.write(_head(_CLOSE, len(reason)) + reason)
        self.end()


def _head(opcode: int, length: int) -> bytes:
    if length < _SHORT:
        return bytes((opcode, length))
    if length < _MEDIUM:
        return bytes((opcode, 126)) + length.to_bytes(2, "big")
    return bytes((opcode, 127)) + length.to_bytes(8, "big")
