"""A guest who sends one command at full speed: `python -m tests.bench.doors.flooder PORT KIND SECONDS CONNECTIONS`.

It comes from an address of its own, and again at once when it is closed. It says when it is in, and at the end how
often it came, as JSON.
"""

import contextlib
import itertools
import json
import secrets
import selectors
import sys
import time
from collections.abc import Callable, Iterator

from lanchat.protocol import VERSION, Command, Hello, Join, Leave, Open, Post, Rename, Search, Typing
from tests.bench import guests
from tests.bench.crowd import Member
from tests.bench.rows import BenchFailed

ADDRESS = "127.0.0.66"
_PIECE = 64
_RETRY = 0.02
_READ = 1 << 16
_NUMBER = b"00000000"

Again = Callable[[str], tuple[Command, ...]]
"""Gives, for the room that it is in, what is sent again and again; its nonces and names have eight zeros in them."""
KINDS: dict[str, Again] = {
    "posts": lambda room: (Post(room=room, nonce="flood-00000000", text="x" * 128),),
    "edits of 4,000 control characters": lambda room: (
        Post(room=room, nonce="flood-00000000", kind="edit", target="flood-target", text="\x01" * 4000),
    ),
    "rooms": lambda _: (Open(name="flood 00000000"),),
    "joins": lambda room: (Leave(room=room), Join(room=room)),
    "renames": lambda _: (Rename(nick="flood 00000000"),),
    "typing": lambda room: (Typing(room=room),),
    "searches of 16 words": lambda room: (Search(room=room, text=" ".join("abcdefghijklmnop")),),
    "4,000 @": lambda room: (Post(room=room, nonce="flood-00000000", text="@" * 4000),),
}


class Flood:
    """One connection of the flooder."""

    def __init__(self, port: int, again: Again) -> None:
        self.member = Member(port, guests.PATH, source=ADDRESS)
        self.member.socket.settimeout(5.0)
        hello = Hello(version=VERSION, client="guest", nick="Flood")
        self.member.send(guests.frame(hello) + guests.frame(Open(name="flood")))
        answer = self.member.wait(b'"opened"')
        room = answer.partition(b'"opened","room":{"id":"')[2].partition(b'"')[0].decode()
        target = Post(room=room, nonce="flood-target", text="x")
        self.member.send(guests.frame(Join(room=room)) + guests.frame(target))
        self._frame = b"".join(map(guests.frame, again(room)))
        self._salt = secrets.token_hex(2).encode()
        self._rest = b""
        self.member.socket.setblocking(False)

    def write(self, numbers: Iterator[int]) -> None:
        if not self._rest:
            pieces = (
                self._frame.replace(_NUMBER, self._salt + b"%04x" % (next(numbers) % 65536)) for _ in range(_PIECE)
            )
            self._rest = b"".join(pieces)
        with contextlib.suppress(BlockingIOError):
            self._rest = self._rest[self.member.socket.send(self._rest) :]

    def read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            if not self.member.socket.recv(_READ):
                raise ConnectionResetError


def main(port: int, kind: str, seconds: float, connections: int) -> None:
    """Flood for so long, over so many connections at once."""
    numbers, came, until = itertools.count(), 0, time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        while time.monotonic() < until:
            try:
                while len(selector.get_map()) < connections:
                    flood = Flood(port, KINDS[kind])
                    selector.register(flood.member.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, flood)
                    if not came:
                        print("in", flush=True)
                    came += 1
            except (OSError, BenchFailed):
                selector.select(_RETRY)
            for key, events in selector.select(_RETRY):
                try:
                    if events & selectors.EVENT_READ:
                        key.data.read()
                    if events & selectors.EVENT_WRITE:
                        key.data.write(numbers)
                except OSError:
                    selector.unregister(key.fileobj)
                    key.data.member.socket.close()
    print(json.dumps({"sent": next(numbers), "came": came}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
