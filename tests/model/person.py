"""A person at a client that keeps the rules of docs/protocol.md, Recovery, as assets/src/room does."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Literal

from lanchat.errors import LanchatError
from lanchat.lan.connection.connection import Connection
from lanchat.protocol import (
    VERSION,
    Error,
    Event,
    Heartbeat,
    Held,
    Hello,
    History,
    Join,
    Joined,
    Kind,
    Mark,
    Page,
    Post,
    Reply,
    StartOver,
)
from lanchat.protocol.cursor import Admission, Cursor
from tests.support import checker

LIMIT = 3
"""Events that a client asks for when it joins, and in a page."""
_PAUSE = 0.5


class Person:
    """Somebody in the room.

    Args:
        name: of the person; nonces begin with it.
        client: how they come in.
        room: the room's id.
        dial: connects to the node.
        history: where is written down what they do and are told.
        chance: decides how long they pause before they come back.

    Attributes:
        events: what their list shows, in its order.
        outbox: what they said and do not see yet, by nonce.
        faults: what a node sent that it must not send.
    """

    def __init__(
        self,
        name: str,
        client: Literal["window", "guest"],
        room: str,
        dial: Callable[[str, Hello], AbstractAsyncContextManager[Connection]],
        *,
        history: checker.History,
        chance: Random,
    ) -> None:
        self.name = name
        self.events: list[Event] = []
        self.outbox: dict[str, Post] = {}
        self.faults: list[str] = []
        self._hello = Hello(
            version=VERSION, client=client, secret=f"{name:->22}", nick="" if client == "window" else name
        )
        self._room = room
        self._dial = dial
        self._history = history
        self._chance = chance
        self._said = 0
        self._clients = 1
        self._cursor = Cursor()
        self._begin(0)
        self._top = 0
        self._next = 0
        self._repaired_from = 0
        self._entered = False
        self._mine: set[str] = set()
        self._connection: Connection | None = None
        self._nudged = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def seqs(self) -> list[int]:
        """The numbers of what is shown."""
        return [event.seq for event in self.events]

    def come(self) -> None:
        """Open the client, and stay."""
        self._task = asyncio.get_running_loop().create_task(self._stay(), name=self.name)

    async def go(self) -> None:
        """Close the client."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def come_anew(self) -> None:
        """Close the client, and open one that remembers nothing, neither what was shown nor what was not sent."""
        await self.go()
        self.outbox.clear()
        self._clients += 1
        self._begin(0)
        self.come()

    async def reconnect(self) -> None:
        """Close the connection and come back at once."""
        await self.go()
        self.come()

    async def say(self, kind: Kind = "message", target: str = "") -> None:
        """Say something, or change what was said."""
        self._said += 1
        nonce = f"{self.name} {self._said}"
        emoji = "👍" if kind == "reaction" else ""
        text = nonce if kind in {"message", "edit"} else ""
        post = Post(room=self._room, nonce=nonce, text=text, kind=kind, target=target, emoji=emoji)
        # Two clients of one person do not know of each other: what was on its way from the first one may come later.
        self._history.invoke(f"{self.name}, client {self._clients}", nonce)
        self.outbox[nonce] = post
        await self._send_post(post)

    async def repeat(self, seq: int) -> None:
        """Say once more, under the same nonce, what stands in the room already, and wait for its event again."""
        event = next((event for event in self.events if event.seq == seq), None)
        if event is not None and event.nonce in self._mine and event.kind == "message":
            post = Post(room=event.room, nonce=event.nonce, text=event.body.text)
            self.outbox[event.nonce] = post
            await self._send_post(post)

    async def _stay(self) -> None:
        while True:
            with contextlib.suppress(LanchatError):
                async with self._dial(f"http://{self.name}/", self._hello) as connection:
                    self._connection = connection
                    await self._follow(connection)
            self._lost()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), self._chance.uniform(0, _PAUSE))

    async def _follow(self, connection: Connection) -> None:
        try:
            await self._join()
            async for notice in connection:
                await self._hear(notice)
        finally:
            self._lost()

    def _lost(self) -> None:
        self._connection = None
        self._entered = False
        self._repairing = self._paging = 0
        self._next = 0

    async def _join(self) -> None:
        self._entered = False
        self._repairing = self._paging = 0
        self._next = 0
        at_end = self.events[-1] if self.events and self.events[-1].seq == self._cursor.seq else None
        last = None if at_end is None else Mark(at_end.nonce, at_end.at)
        await self._send(Join(room=self._room, since=self._cursor.seq, limit=LIMIT, last=last))

    async def _hear(self, notice: Reply) -> None:
        match notice:
            case Joined():
                await self._joined(notice)
            case Event():
                self._watch(notice)
                self._top = max(self._top, notice.seq)
                self._take([notice])
                await self._repair()
            case Page():
                await self._page(notice)
            case Heartbeat(tops=tops):
                self._top = max(self._top, tops.get(self._room, 0))
                await self._repair()
            case StartOver():
                self._begin(0)
                await self._join()
            case Held(nonce=nonce):
                self._held(nonce)
            case Error(nonce=nonce, retry=False) if nonce:
                if self.outbox.pop(nonce, None):
                    self._history.fail(nonce)
            case Error(ref=ref) if ref:
                self._refused(ref)
            case _:
                pass

    async def _joined(self, joined: Joined) -> None:
        if len(joined.events) > LIMIT:
            self.faults.append(f"{self.name} asked for {LIMIT} events and got {len(joined.events)}")
        self._entered = True
        self._next = joined.top + 1
        self._top = max(self._top, joined.top)
        if joined.events and joined.events[0].seq > self._cursor.seq + 1:
            self._begin(joined.events[0].seq - 1)
            self._top = joined.top
        self._take(joined.events)
        await self._resend()
        await self._repair()
        await self._page_back()

    async def _page(self, page: Page) -> None:
        if 0 < page.ref == self._paging:
            self._paging = 0
            self.events[:0] = page.events
            for event in page.events:
                self._settle(event)
            if page.events:
                await self._page_back()
        elif 0 < page.ref == self._repairing:
            self._repairing = 0
            self._take(page.events)
            if not page.events and self._repaired_from == self._cursor.seq:
                self._top = self._cursor.seq
            await self._repair()

    def _refused(self, ref: int) -> None:
        """A question will not be answered; the next heartbeat asks again."""
        self._repairing = 0 if ref == self._repairing else self._repairing
        self._paging = 0 if ref == self._paging else self._paging

    def _take(self, events: Sequence[Event]) -> None:
        if not events:
            return
        before = self._cursor.seq
        admission = self._cursor.admit(events[0].seq, events[-1].seq)
        if admission is Admission.NEXT:
            self.events += [event for event in events if event.seq > before]
        if admission is not Admission.HOLE:
            for event in events:
                self._settle(event)

    def _settle(self, event: Event) -> None:
        """The event came: its post is no longer ours to send."""
        if self.outbox.pop(event.nonce, None) or event.nonce.startswith(f"{self.name} "):
            self._mine.add(event.nonce)
            self._history.acknowledge(event.nonce)

    def _held(self, nonce: str) -> None:
        """It is on the disk of a mirror's node: a person already said that. A change may still be refused."""
        if nonce in self.outbox and self.outbox[nonce].kind == "message":
            self._history.acknowledge(nonce)

    def _watch(self, event: Event) -> None:
        """What a node sends of itself is dense and in order; beside it only come answers to our own posts."""
        if event.seq == self._next:
            self._next += 1
        elif self._next and not event.nonce.startswith(f"{self.name} "):
            self.faults.append(f"{self.name} was sent {event.seq} where {self._next} belongs")

    def _begin(self, seq: int) -> None:
        """Forget everything and begin after a seq."""
        self.events = []
        self._cursor = Cursor(seq)
        self._top = 0
        self._repairing = self._paging = 0

    async def _repair(self) -> None:
        if self._entered and not self._repairing and self._top > self._cursor.seq:
            self._repaired_from = self._cursor.seq
            self._repairing = await self._submit(History(room=self._room, after=self._repaired_from, limit=LIMIT))

    async def _page_back(self) -> None:
        if self._entered and not self._paging and self.events and self.events[0].seq > 1:
            self._paging = await self._submit(History(room=self._room, before=self.events[0].seq, limit=LIMIT))

    async def _resend(self) -> None:
        for post in tuple(self.outbox.values()):
            await self._send_post(post)

    async def _send_post(self, post: Post) -> None:
        if self._entered:
            await self._send(post)

    async def _submit(self, command: History) -> int:
        """Ask something; give the ref that the answer will carry, 0 when there is nobody to ask."""
        if self._connection is not None:
            with contextlib.suppress(LanchatError):
                return await self._connection.submit(command)
        return 0

    async def _send(self, command: Join | Post) -> None:
        if self._connection is not None:
            with contextlib.suppress(LanchatError):
                await self._connection.send(command)
