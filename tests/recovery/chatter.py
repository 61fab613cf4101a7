"""Somebody who talks in one room, over any number of connections, and writes down what they did and saw."""

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Sequence
from typing import Self

from lanchat.errors import LanchatError, NoSuchRoom, error_of
from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import dial
from lanchat.protocol import (
    MAX_PAGE,
    VERSION,
    Error,
    Event,
    Heartbeat,
    Hello,
    History,
    Join,
    Joined,
    Page,
    Post,
    Presence,
    Reply,
    RoomList,
    StartOver,
)
from lanchat.protocol.cursor import Admission, Cursor
from tests.support import checker
from tests.support.faults import lasting

_PATIENCE = 3.0


class Chatter:
    """One client that keeps the four rules of docs/protocol.md, Recovery. A context manager.

    Args:
        name: of the chatter, in the history.
        room: id of the room.
        history: where everything is written down.
        url: of the node.

    Attributes:
        name: of the chatter.
        cursor: the last event that was handled.
        outbox: what was said and is neither acknowledged nor refused, by nonce.
        refusals: codes of the errors that were answers to posts.
        delays: seconds from saying something to seeing it, for everything that was acknowledged.
        connections: how often it was let in.
        online: whether it is in the room now.
        told_offline: when the node said that the room's home does not answer; seconds of the monotonic clock.
        told_refused: codes of the reasons why the node takes nothing of the room's home, each time that it named one.
        told_gone: ids of the nodes of which the node said that nobody is there any more.
        beats: heartbeats of the node.
    """

    def __init__(self, name: str, room: str, history: checker.History, url: str) -> None:
        self.name = name
        self.cursor = Cursor()
        self.outbox: dict[str, str] = {}
        self.refusals: list[str] = []
        self.delays: list[float] = []
        self.connections = 0
        self.online = False
        self.told_offline: list[float] = []
        self.told_refused: list[str] = []
        self.told_gone: list[str] = []
        self.beats = 0
        self._said: dict[str, float] = {}
        self._room = room
        self._history = history
        self._url = url
        self._hello = Hello(version=VERSION, client="guest", secret=secrets.token_hex(16), nick=name)
        self._work = asyncio.Event()
        self._asked = 0
        self._top = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"chatter {self.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    def say(self, text: str) -> str:
        """Say something; it is sent as soon as that is possible. Gives its nonce."""
        nonce = f"{self.name} {len(self._history.invoked[self.name])} {secrets.token_hex(4)}"
        self._history.invoke(self.name, nonce)
        self.outbox[nonce] = text
        self._said[nonce] = time.monotonic()
        self._work.set()
        return nonce

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(LanchatError):
                async with dial(self._url, self._hello, patience=_PATIENCE) as connection:
                    self.connections += 1
                    await self._follow(connection)
            await lasting(random.uniform(0.02, 0.2))

    async def _follow(self, connection: Connection) -> None:
        await connection.send(Join(room=self._room, since=self.cursor.seq, limit=MAX_PAGE))
        self._asked = 0
        # At once, and not after the answer: what the node has already is said again as well.
        sender = asyncio.create_task(self._send(connection))
        try:
            async for notice in connection:
                self.online = self.online or isinstance(notice, Joined)
                await self._hear(notice, connection)
        finally:
            self.online = False
            sender.cancel()
            await asyncio.wait({sender})

    async def _send(self, connection: Connection) -> None:
        """Send everything that waits, then everything that is said, in order, as long as the connection lasts."""
        sent: set[str] = set()
        with contextlib.suppress(LanchatError):
            while True:
                self._work.clear()
                for nonce, text in list(self.outbox.items()):
                    if nonce not in sent:
                        sent.add(nonce)
                        await connection.send(Post(room=self._room, nonce=nonce, text=text))
                await self._work.wait()

    async def _hear(self, notice: Reply, connection: Connection) -> None:
        match notice:
            case Joined(events=events, top=top):
                await self._take(events, top, connection)
            case Event(seq=seq):
                await self._take([notice], seq, connection)
            case Page(events=events):
                await self._take(events, 0, connection)
            case Heartbeat(tops=tops):
                self._asked = 0
                self.beats += 1
                await self._take([], tops.get(self._room, 0), connection)
            case Presence(node=node, members=[]):
                self.told_gone.append(node.id)
            case Error():
                self._refused(notice)
            case RoomList(rooms=rooms):
                if any(room.id == self._room and not room.online for room in rooms):
                    self.told_offline.append(time.monotonic())
                self.told_refused += [room.refused for room in rooms if room.id == self._room]
            case StartOver():
                raise NoSuchRoom("This is not the history that was seen before.")
            case _:
                pass

    def _refused(self, error: Error) -> None:
        if error.nonce:
            self.refusals.append(error.code)
        if error.retry or not error.nonce:
            # A new connection sends everything that waits again, in its order, after a pause.
            raise error_of(error.code, error.message)
        self._history.fail(error.nonce)
        del self.outbox[error.nonce]

    async def _take(self, events: Sequence[Event], top: int, connection: Connection) -> None:
        for event in events:
            if self.cursor.admit(event.seq) is Admission.NEXT:
                self._history.see(self.name, checker.Entry(event.room, event.seq, event.nonce))
            # Also when it was seen: a post that is repeated is answered with the event that exists.
            if self.outbox.pop(event.nonce, None) is not None:
                self._history.acknowledge(event.nonce)
                self.delays.append(time.monotonic() - self._said.pop(event.nonce))
            self._top = max(self._top, event.seq)
        self._top = max(self._top, top)
        if self._top > self.cursor.seq and self._asked != self.cursor.seq + 1:
            self._asked = self.cursor.seq + 1
            await connection.send(History(room=self._room, after=self.cursor.seq, limit=MAX_PAGE))
