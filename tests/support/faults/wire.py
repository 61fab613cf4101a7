"""What may happen to a cable. A `Wire` stands between a client and a server; the client is given the wire's address."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self, cast

from tests.support.conditions import eventually

_RESET = struct.pack("ii", 1, 0)
_LITTLE = 65_536


class Wire:
    """A TCP cable to a server on this machine, with its own port on 127.0.0.1.

    Args:
        port: port of the server on 127.0.0.1; it need not listen yet.

    Attributes:
        carried: bytes that came through so far, both directions together.
    """

    def __init__(self, port: int) -> None:
        self.carried = 0
        self._server_port = port
        self._server: asyncio.Server | None = None
        self._ends: set[_End] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self._cut = False
        self._silent = False
        self._dammed = False
        self._swallows = False
        self._delay = 0.0
        self._left: int | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _End(self, near=True), "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._dialling:
            task.cancel()
        await asyncio.gather(*self._dialling, return_exceptions=True)
        self._reset_all()
        await self._server.wait_closed()
        await eventually(lambda: not self._ends, what="every connection through the wire has ended")

    @property
    def port(self) -> int:
        """Port for the client."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Address for the client of a web server."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def connections(self) -> int:
        """How many clients are connected just now."""
        return sum(end.near for end in self._ends)

    def _arrived(self, near: "_End") -> None:
        """A client connected: dial the server for it."""
        if self._cut:
            near.reset()
        if self._cut or self._silent:
            return
        task = asyncio.get_running_loop().create_task(self._dial(near))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    def _dial_waiting(self) -> None:
        for end in self._ends:
            if end.near and end.other is None:
                self._arrived(end)

    async def _dial(self, near: "_End") -> None:
        far = _End(self, near=False)
        near.other, far.other = far, near
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: far, "127.0.0.1", self._server_port)
        except OSError:
            near.reset()
            return
        if self._cut or near not in self._ends:
            far.reset()
        self._breathe()

    def _breathe(self) -> None:
        for end in self._ends:
            end.breathe(still=self._silent or (self._dammed and not end.near))

    def _reset_all(self) -> None:
        for end in list(self._ends):
            end.reset()

    def _take(self, data: bytes) -> bytes:
        """Return what of `data` still goes through."""
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        self.carried += len(data)
        return data


@contextmanager
def cut(wire: Wire) -> Iterator[None]:
    """The cable is out: every connection is reset, and every new one at once."""
    wire._cut = True
    wire._reset_all()
    try:
        yield
    finally:
        wire._cut = False


@contextmanager
def delayed(wire: Wire, seconds: float) -> Iterator[None]:
    """Everything arrives `seconds` later, in order, both ways. What is under way after the block stays late."""
    wire._delay = seconds
    try:
        yield
    finally:
        wire._delay = 0.0


@contextmanager
def half_open(wire: Wire) -> Iterator[None]:
    """The other side has vanished without a word: nothing goes through, not even an end or a reset.

    New connections are taken and stay silent. After the block everything flows on, as after a short outage.
    """
    wire._silent = True
    wire._breathe()
    try:
        yield
    finally:
        wire._silent = False
        wire._breathe()
        wire._dial_waiting()


@contextmanager
def reset_after(wire: Wire, n_bytes: int) -> Iterator[None]:
    """The next `n_bytes` (both directions together) come through; then every connection is reset, once."""
    wire._left = n_bytes
    try:
        yield
    finally:
        wire._left = None


@contextmanager
def slow_reader(wire: Wire) -> Iterator[None]:
    """The client reads nothing, and still sends: what the server says fills every buffer on the way.

    Linux would buffer up to 32 MiB for the client, so that is kept small. After the block it reads on, unless the
    server has given it up.
    """
    wire._dammed = True
    for end in wire._ends:
        if not end.near:
            end.buffer_little()
    wire._breathe()
    try:
        yield
    finally:
        wire._dammed = False
        wire._breathe()


@contextmanager
def swallowed(wire: Wire) -> Iterator[None]:
    """The client is heard and never answered: what the server says is lost, acknowledgements first of all.

    After the block every connection is reset: a stream with a hole cannot go on.
    """
    wire._swallows = True
    try:
        yield
    finally:
        wire._swallows = False
        wire._reset_all()


class _End(asyncio.Protocol):
    """One end of one connection through a wire; `near` is the client's."""

    def __init__(self, wire: Wire, *, near: bool) -> None:
        self.near = near
        self.other: _End | None = None
        self._wire = wire
        self._transport: asyncio.Transport | None = None
        self._late: deque[bytes] = deque()
        self._due = 0.0
        self._full = False
        self._heard_end = False
        self._said_end = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._wire._ends.add(self)
        # In the next turn: Python 3.11.2 begins to read after this, even when the transport was paused here.
        asyncio.get_running_loop().call_soon(lambda: self.breathe(still=True))
        if self.near:
            self._wire._arrived(self)

    def data_received(self, data: bytes) -> None:
        data = self._wire._take(data)
        if data and (self.near or not self._wire._swallows):
            self._pass_on(data)
        if self._wire._left == 0:
            self._wire._left = None
            self._wire._reset_all()

    def eof_received(self) -> bool:
        self._heard_end = True
        self._pass_on(b"")
        return not self._said_end

    def connection_lost(self, error: Exception | None) -> None:
        self._wire._ends.discard(self)
        self._transport = None
        if self.other is not None:
            self.other.reset() if error else self.other.close()

    def pause_writing(self) -> None:
        self._full = True
        self._wire._breathe()

    def resume_writing(self) -> None:
        self._full = False
        self._wire._breathe()

    def breathe(self, *, still: bool) -> None:
        """Read only while the wire is not still in this direction and the other end takes what is read."""
        if self._transport is None or self._transport.is_closing() or self._heard_end:
            return
        if still or self.other is None or self.other._transport is None or self.other._full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def buffer_little(self) -> None:
        """Let the kernel take no more than a little before it is read."""
        if self._transport is not None:
            raw: socket.socket = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE)

    def reset(self) -> None:
        """End with a TCP reset."""
        if self._transport is None:
            return
        raw: socket.socket = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def close(self) -> None:
        """End when everything has been sent."""
        if self._transport is not None and not self._late:
            self._transport.close()

    def _pass_on(self, data: bytes) -> None:
        """Send through the other end now, or later when the wire is slow. Empty data is the end of the stream."""
        other = self.other
        assert other is not None
        if self._wire._delay or other._late:
            loop = asyncio.get_running_loop()
            other._due = max(other._due, loop.time() + self._wire._delay)
            other._late.append(data)
            loop.call_at(other._due, other._send_late)
        else:
            other._send(data)

    def _send_late(self) -> None:
        self._send(self._late.popleft())
        if self.other is None or self.other._transport is None:
            self.close()

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if data:
            self._transport.write(data)
            return
        self._said_end = True
        self._transport.write_eof()
        if self._heard_end:
            self._transport.close()
