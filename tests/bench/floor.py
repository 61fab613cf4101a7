"""The floor: a raw asyncio server that writes every frame it gets to every member, with no room, journal or check.

Run as `python -m tests.bench.floor`. One `transport.write` per member and message, which is the least that a Python
server without batching can do.
"""

import asyncio
import base64
import hashlib

from tests.bench.served import stay

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Member(asyncio.Protocol):
    """One connection. Its frames have a masking key of zeros, so their payload is sent on as it came."""

    members: "list[Member]" = []  # noqa: RUF012 - shared on purpose
    transport: asyncio.Transport

    def __init__(self) -> None:
        self._data = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._open:
            self.members.remove(self)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._open:
            self._pass_on()
        elif b"\r\n\r\n" in self._data:
            self._accept()

    def _accept(self) -> None:
        lines = self._data.split(b"\r\n")
        key = next(line.split(b": ")[1] for line in lines if line.lower().startswith(b"sec-websocket-key:"))
        answer = base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324 - RFC 6455 asks for it
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + answer + b"\r\n\r\n"
        )
        self._data = b""
        self._open = True
        self.members.append(self)

    def _pass_on(self) -> None:
        data = self._data
        at = 0
        while len(data) - at >= 8:
            length, start = data[at + 1] & 0x7F, at + 6
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 8
            if len(data) < start + length:
                break
            frame = bytes([data[at], data[at + 1] & 0x7F]) + data[at + 2 : start - 4] + data[start : start + length]
            at = start + length
            for member in self.members:
                member.transport.write(frame)
        self._data = data[at:]


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Member, "127.0.0.1", 0, backlog=512)
    async with server:
        await stay(port=server.sockets[0].getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
