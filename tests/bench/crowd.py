"""Many members in one cheap process: blocking sockets behind one selector, and a parser that reads each text once.

Every member's stream is checked: each message exactly once and in order. As all members are sent the same bytes, what
one has read is looked up for the others.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable, Sequence

from tests.bench.rows import BenchFailed

_MARK = re.compile(rb"#(\d{8})#")
_READ = 1 << 18
_MOST_PARSED = 4_096
_PATIENCE = 30.0
_UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_PING = 0x89
_PONG = b"\x8a\x80" + bytes(4)

Parsed = tuple[list[int], int, bool]
"""The numbers of the messages in whole frames, where these end, and whether the server pinged."""
Post = Callable[[int], bytes]
Greet = Callable[["Member"], None]


def text(number: int, size: int = 128) -> str:
    """Give a message of `size` bytes that carries its number."""
    return f"#{number:08d}#".ljust(size, "x")


def frame(payload: bytes) -> bytes:
    """Give a client's text frame. Its masking key is zero, so that sending costs the client nothing."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Member:
    """One WebSocket connection that counts the numbered messages it gets.

    Attributes:
        got: how many came so far; the next must carry this number.
    """

    def __init__(self, port: int, path: str, parsed: dict[bytes, Parsed] | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = 0
        self._rest = b""
        self._parsed = {} if parsed is None else parsed
        self.send(_UPGRADE.format(path).encode())
        head, _, self._rest = self.wait(b"\r\n\r\n").partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise BenchFailed(f"{path} was refused: {head.decode(errors='replace')}")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def wait(self, mark: bytes) -> bytes:
        """Read until `mark` has come, and give everything that is unread up to there and beyond."""
        while mark not in self._rest:
            data = self.socket.recv(_READ)
            if not data:
                raise BenchFailed(f"The server hung up before {mark!r}: {self._rest[-200:]!r}")
            self._rest += data
        return self._rest

    def read(self) -> int:
        """Take what has come; gives how many numbered messages were in it."""
        data = self.socket.recv(_READ)
        if not data:
            raise BenchFailed("The server hung up on a member.")
        if self._rest:
            data = self._rest + data
        known = self._parsed.get(data)
        if known is None:
            if len(self._parsed) > _MOST_PARSED:
                self._parsed.clear()
            known = self._parsed[data] = read(data)
        numbers, end, asked = known
        self._rest = data[end:]
        if asked:
            self.send(_PONG)
        if numbers:
            if numbers[0] != self.got:
                raise BenchFailed(f"A member got message {numbers[0]} where {self.got} belongs.")
            self.got += len(numbers)
        return len(numbers)


class Crowd:
    """The members of one room. The first of them speaks.

    Args:
        port: where the server listens on 127.0.0.1.
        path: path of the WebSocket.
        size: how many members.
        post: gives the frame that says the message of a number.
        greet: what each does once it is connected.
        selector: shared by all crowds of a bench, so that those who are not measured just now still answer pings.
    """

    def __init__(
        self,
        port: int,
        path: str,
        size: int,
        post: Post,
        greet: Greet | None = None,
        *,
        selector: selectors.BaseSelector,
    ) -> None:
        self._selector = selector
        self._post = post
        self._members: list[Member] = []
        parsed: dict[bytes, Parsed] = {}
        for _ in range(size):
            member = Member(port, path, parsed)
            if greet is not None:
                greet(member)
            self._members.append(member)
            self._selector.register(member.socket, selectors.EVENT_READ, member)
            self._read(0)

    @property
    def members(self) -> Sequence[Member]:
        """Everybody, the speaker first."""
        return self._members

    def speak(self, count: int, in_flight: int) -> None:
        """Say `count` messages, never more than `in_flight` of them unanswered, until everybody has all of them."""
        speaker = self._members[0]
        sent, end = speaker.got, speaker.got + count
        deadline = time.monotonic() + _PATIENCE
        while speaker.got < end or self._behind(end):
            more = range(sent, min(end, speaker.got + in_flight))
            if more:
                speaker.send(b"".join([self._post(number) for number in more]))
                sent = more.stop
            self._read(1.0)
            if time.monotonic() > deadline:
                raise BenchFailed(f"After {_PATIENCE} s {self._behind(end)} members still lack messages.")

    def close(self) -> None:
        """Hang up, and read no more."""
        for member in self._members:
            self._selector.unregister(member.socket)
            member.socket.close()

    def _behind(self, end: int) -> int:
        return sum(member.got < end for member in self._members)

    def _read(self, patience: float) -> None:
        for key, _ in self._selector.select(patience):
            key.data.read()


def read(data: bytes) -> Parsed:
    """Read what a server sent. Raises BenchFailed when numbered messages in it are not in order."""
    numbers: list[int] = []
    at, size, asked = 0, len(data), False
    while size - at >= 2:
        length, start = data[at + 1], at + 2
        if length >= 126:
            width = 2 if length == 126 else 8
            length, start = int.from_bytes(data[start : start + width], "big"), start + width
        if start + length > size:
            break
        asked = asked or data[at] == _PING
        at = start + length
        if mark := _MARK.search(data, start, at):
            numbers.append(int(mark[1]))
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise BenchFailed(f"Messages came in the order {numbers}.")
    return numbers, at, asked
