"""One room as one client follows it: every event once and in order, whatever the layer drops (docs/protocol.md)."""

import asyncio
import logging
from collections.abc import Sequence

from lanchat.chat.codec import encode
from lanchat.chat.cursor import Admission, Cursor
from lanchat.chat.journal import Journal
from lanchat.chat.protocol import MAX_PAGE, Event, Joined, Page, StartOver
from lanchat.chat.room import Room
from lanchat.consumers.outbox import FrameCache, text_frame
from lanchat.consumers.websocket import Socket
from lanchat.errors import JournalError
from lanchat.layers import Message

_log = logging.getLogger(__name__)

PAGE_BYTES = 256 * 1024
"""Most bytes of events in one page, so that a page never fills an outbox."""
_NEXT = Admission.NEXT


class Subscription:
    """What one client has seen of one room.

    Enter the room's group first and call `begin` second: what arrives in between is repaired from the journal.

    Args:
        room: the room.
        journal: where holes are repaired from.
        socket: the client.
        frames: shared by all clients of the process, so that an event gets its WebSocket form once.
    """

    __slots__ = ("_begun", "_cursor", "_frames", "_journal", "_known", "_repair", "_socket", "room")

    def __init__(self, room: Room, journal: Journal, socket: Socket, frames: FrameCache) -> None:
        self.room = room
        self._journal = journal
        self._socket = socket
        self._frames = frames
        self._cursor = Cursor()
        self._known = 0
        self._begun = False
        self._repair: asyncio.Task[None] | None = None

    async def begin(self, since: int, limit: int) -> bool:
        """Send what happened after `since`, at most the newest `limit` events; False when `since` is beyond the top."""
        top = self.room.top
        if since > top:
            self._socket.send_text(encode(StartOver(room=self.room.id, top=top)))
            return False
        events: list[Event] = []
        if limit and top > since:
            events = await self._journal.before(self.room.id, top + 1, min(limit, top - since))
            events = fit(events, newest=True)
        self._socket.send_text(encode(Joined(room=self.room.id, term=self.room.record.term, top=top, events=events)))
        self._cursor = Cursor(top)
        self._begun = True
        self._catch_up()
        return True

    def take(self, message: Message) -> None:
        """Take a message of type `room.events`: send what is next, drop what was seen, repair a hole."""
        first: int = message["first"]
        frames: list[bytes] = message["frames"]
        last = first + len(frames) - 1
        if not self._begun:
            self._known = max(self._known, last)
            return
        seen = self._cursor.seq
        admission = self._cursor.admit(first, last)
        if admission is _NEXT:
            unseen = frames if first == seen + 1 else frames[seen + 1 - first :]
            self._socket.write(self._frames.text(unseen))
        elif admission is Admission.HOLE:
            self._known = max(self._known, last)
            self._catch_up()

    async def page(self, before: int | None, after: int | None, limit: int) -> Page:
        """Give a page of the room's history."""
        if before is not None:
            events = await self._journal.before(self.room.id, before, limit)
            return Page(room=self.room.id, before=before, events=fit(events, newest=True))
        events = await self._journal.after(self.room.id, after or 0, limit)
        return Page(room=self.room.id, after=after, events=fit(events, newest=False))

    async def end(self) -> None:
        """Stop repairing."""
        if self._repair is not None:
            self._repair.cancel()
            await asyncio.wait({self._repair})

    def _catch_up(self) -> None:
        if self._known > self._cursor.seq and (self._repair is None or self._repair.done()):
            self._repair = asyncio.create_task(self._close_hole())

    async def _close_hole(self) -> None:
        while self._known > self._cursor.seq:
            try:
                events = await self._journal.after(self.room.id, self._cursor.seq, MAX_PAGE)
            except JournalError as error:
                _log.warning("A hole in room %r stays open until the next event: %s", self.room.name, error)
                return
            if not events:
                return
            for event in fit(events, newest=False):
                if self._cursor.admit(event.seq) is Admission.NEXT:
                    self._socket.write(text_frame(encode(event)))


def fit(events: Sequence[Event], *, newest: bool) -> list[Event]:
    """Give the longest run of `events` of at most PAGE_BYTES, from the newest or the oldest end; never an empty one."""
    size = 0
    run: list[Event] = []
    for event in reversed(events) if newest else events:
        size += len(encode(event))
        if run and size > PAGE_BYTES:
            break
        run.append(event)
    return run[::-1] if newest else run
