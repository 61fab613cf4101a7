"""The owner's window of a node under measurement: what it is shown, and what it asks for."""

import json
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from lanchat.protocol import VERSION, Answer, Command, Hello, Reply, RoomList, decode_reply
from tests.bench import guests
from tests.bench.crowd import Member
from tests.bench.rows import BenchFailed

Frame = dict[str, Any]


class Owner:
    """A connection of the owner's window to the node of a data directory.

    Attributes:
        rooms: the list of rooms that it was shown last.
    """

    def __init__(self, data_dir: Path) -> None:
        running = json.loads((data_dir / "node.json").read_text("utf-8"))
        self._member = Member(urlsplit(running["window"]).port or 0, guests.PATH)
        self._rest = self._member.wait(b"")
        self.rooms: RoomList | None = None
        self._ref = 0
        self._member.send(guests.frame(Hello(version=VERSION, client="window", token=running["key"])))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._member.socket.close()

    def hear(self) -> Reply:
        """Wait for the next frame."""
        while (frame := self._frame()) is None:
            data = self._member.socket.recv(1 << 18)
            if not data:
                raise BenchFailed("The node has closed its owner's window.")
            self._rest += data
        reply = decode_reply(frame)
        if isinstance(reply, RoomList):
            self.rooms = reply
        return reply

    def listed(self) -> RoomList:
        """Wait for the first list of rooms."""
        while self.rooms is None:
            self.hear()
        return self.rooms

    def ask(self, command: Command) -> Reply:
        """Send a command and wait for its answer, which may be an error."""
        self._ref += 1
        self._member.send(guests.frame(msgspec.structs.replace(command, ref=self._ref)))
        while True:
            reply = self.hear()
            if isinstance(reply, Answer) and reply.ref == self._ref:
                return reply

    def send(self, command: Command) -> None:
        """Send a command."""
        self._member.send(guests.frame(command))

    def _frame(self) -> bytes | None:
        """Take the next whole frame of text; the others are passed over."""
        while len(self._rest) >= 2:
            length, start = self._rest[1], 2
            if length >= 126:
                width = 2 if length == 126 else 8
                length, start = int.from_bytes(self._rest[2 : 2 + width], "big"), 2 + width
            if len(self._rest) < start + length:
                return None
            kind, payload = self._rest[0] & 15, self._rest[start : start + length]
            self._rest = self._rest[start + length :]
            if kind == 1:
                return payload
        return None
