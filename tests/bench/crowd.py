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
_MOST_REMEMBERED = 1 << 26
_PATIENCE = 30.0
_UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_PING = 0x89
_PONG = b"\x8a\x80" + bytes(4)

Parsed = tuple[list[int], int, bool]
"""The numbers of the messages in whole frames, where these end, and whether the server pinged."""
Post = Callable[[int, int], bytes]
"""Gives the frame that says the message of a number in a text of a size."""
Greet = Callable[["Member"], None]


def text(number: int, size: int = 128) -> str:
    """Return a message of `size` bytes that carries its number."""
    return f"#{number:08d}#".ljust(size, "x")


def frame(payload: bytes) -> bytes:
    """Return a client's text frame. Its masking key is zero, so that sending costs the client nothing."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Reader:
    """Reads what servers send, and remembers it: the other members get the same bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Parsed] = {}
        self._remembered = 0

    def read(self, data: bytes) -> Parsed:
        known = self._known.get(data)
        if known is None:
            if self._remembered > _MOST_REMEMBERED:
                self._known.clear()
                self._remembered = 0
            known = self._known[data] = read(data)
            self._remembered += len(data)
        return known


class Member:
    """One WebSocket connection that counts the numbered messages it gets.

    Args:
        port: where the server listens on 127.0.0.1.
        path: path of the WebSocket.
        reader: shared with others that get the same.
        source: address of this machine, of the network 127.0.0.0/8, from which it comes.

    Attributes:
        got: how many came so far; the next must carry this number.
    """

    def __init__(self, port: int, path: str, reader: Reader | None = None, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = 0
        self._rest = b""
        self._reader = reader or Reader()
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
        numbers, end, asked = self._reader.read(data)
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
        ports: where the servers listen on 127.0.0.1; members come to one after the other in turn.
        path: path of the WebSocket.
        post: gives the frame that says a message.
        greet: what each does once it is connected.
        meanwhile: called every second of the long things here, so that other crowds get to answer their servers.
    """

    def __init__(
        self,
        ports: Sequence[int],
        path: str,
        post: Post,
        greet: Greet | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._ports = ports
        self._path = path
        self._post = post
        self._greet = greet
        self._meanwhile = meanwhile
        self._looked_away = time.monotonic()
        self._members: list[Member] = []
        self._got = 0
        self._reader = Reader()

    @property
    def members(self) -> Sequence[Member]:
        """Everybody, the speaker first."""
        return self._members

    def grow(self, size: int) -> None:
        """Let members come until there are `size`. They were not there when something was said before."""
        while len(self._members) < size:
            member = Member(self._ports[len(self._members) % len(self._ports)], self._path, self._reader)
            if self._greet is not None:
                self._greet(member)
            self._members.append(member)
            self._selector.register(member.socket, selectors.EVENT_READ, member)
            self.idle()
            self._let_others()

    def speak(self, count: int, in_flight: int, size: int = 128) -> None:
        """Say `count` messages, never more than `in_flight` of them unanswered, until everybody has all of them."""
        speaker = self._members[0]
        sent, end = speaker.got, speaker.got + count
        whole = self._got + count * len(self._members)
        deadline = time.monotonic() + _PATIENCE
        while self._got < whole:
            more = range(sent, min(end, speaker.got + in_flight))
            if more:
                speaker.send(b"".join([self._post(number, size) for number in more]))
                sent = more.stop
            self._read(1.0)
            self._let_others()
            if time.monotonic() > deadline:
                raise BenchFailed(
                    f"After {_PATIENCE:.0f} s {whole - self._got} deliveries of {count} messages were missing."
                )

    def delays(self, count: int, size: int = 128) -> list[float]:
        """Say `count` messages, each when everybody has the one before; seconds until the last member has it."""
        taken = []
        for _ in range(count):
            began = time.perf_counter()
            self.speak(1, 1, size)
            taken.append(time.perf_counter() - began)
        return taken

    def idle(self) -> None:
        """Read what has come by itself, so that the server finds everybody alive."""
        self._read(0)

    def close(self) -> None:
        """Hang up, and read no more."""
        for member in self._members:
            member.socket.close()
        self._members.clear()
        self._selector.close()

    def _let_others(self) -> None:
        if self._meanwhile is not None and time.monotonic() > self._looked_away + 1:
            self._meanwhile()
            self._looked_away = time.monotonic()

    def _read(self, patience: float) -> None:
        for key, _ in self._selector.select(patience):
            self._got += key.data.read()


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
