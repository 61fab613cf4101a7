"""One room as one client follows it: every event once and in order, whatever the layer drops (docs/protocol.md)."""

import asyncio
import logging
from collections.abc import Sequence

from lanchat.chat.analytics import Count, uncounted
from lanchat.chat.codec import encode
from lanchat.chat.cursor import Admission, Cursor
from lanchat.chat.journal import Journal
from lanchat.chat.protocol import MAX_PAGE, Event, History, Joined, Page, StartOver
from lanchat.chat.room import Room
from lanchat.consumers.audience import Run
from lanchat.consumers.outbox import text_frame
from lanchat.consumers.websocket import Socket
from lanchat.errors import JournalError
from lanchat.layers import Message

_log = logging.getLogger(__name__)

PAGE_BYTES = 256 * 1024
"""Most bytes of events in one page, so that a page never fills an outbox."""


class Subscription(Cursor):
    """The cursor of one client in one room: what it has seen, and how it gets the rest.

    Enter the room's audience first and call `begin` second: what arrives in between is repaired from the journal.

    Args:
        room: the room.
        journal: where holes are repaired from.
        socket: the client.
        count: counts the repairs.
    """

    __slots__ = ("_begun", "_count", "_journal", "_known", "_push", "_renewed", "_repair", "_socket", "room")

    def __init__(self, room: Room, journal: Journal, socket: Socket, *, count: Count = uncounted) -> None:
        super().__init__()
        self.room = room
        self._count = count
        self._journal = journal
        self._socket = socket
        self._push = socket.push
        self._known = 0
        self._renewed = room.renewed
        self._begun = False
        self._repair: asyncio.Task[None] | None = None

    async def begin(self, since: int, limit: int, last: str = "") -> bool:
        """Send what happened after `since`, at most the newest `limit` events.

        Args:
            since: the client's cursor.
            limit: most events.
            last: the nonce of the event `since` as the client knows it; empty when it does not say.

        Returns:
            False when the client knows another history than this one, and was told so.
        """
        other = bool(last) and await self._journal.nonce_at(self.room.id, since) not in {"", last}
        top = self.room.top
        if other or since > top:
            self._start_over()
            return False
        events: list[Event] = []
        if limit and top > since:
            events = await self._journal.before(self.room.id, top + 1, min(limit, top - since))
            events = fit(events, newest=True)
        self._socket.send_text(
            encode(
                Joined(
                    room=self.room.id,
                    term=self.room.record.term,
                    top=top,
                    events=events,
                    later=await self._journal.later(self.room.id, events),
                    oldest=self._journal.oldest(self.room.id),
                )
            )
        )
        self.seq = top
        self._begun = True
        self._catch_up()
        return True

    def hear(self, said: Run | Message) -> None:
        """Take what comes from the room: events, and frames that are not kept."""
        if isinstance(said, Run):
            if self._begun and said.first == self.seq + 1:
                # What `admit` does, written out: this happens for each member of the room and each message.
                self.seq = said.last
                self._push(said.wire)
            else:
                self._take(said)
        elif said["type"] == "room.frame":
            self._socket.send_text(said["frame"])

    async def page(self, asked: History) -> Page:
        """Give a page of the room's history."""
        room, limit = self.room.id, asked.limit
        if asked.before is not None:
            events = fit(await self._journal.before(room, asked.before, limit), newest=True)
        elif asked.around is not None:
            events = fit_around(await self._journal.around(room, asked.around, limit), asked.around)
        else:
            events = fit(await self._journal.after(room, asked.after or 0, limit), newest=False)
        return Page(
            room=room,
            events=events,
            before=asked.before,
            after=asked.after,
            around=asked.around,
            later=await self._journal.later(room, events),
            oldest=self._journal.oldest(room),
        )

    async def end(self) -> None:
        """Stop repairing."""
        if self._repair is not None:
            self._repair.cancel()
            await asyncio.wait({self._repair})

    def _take(self, run: Run) -> None:
        """Send what is next, drop what was seen, repair a hole."""
        seen = self.seq
        if not self._begun:
            self._known = max(self._known, run.last)
        elif (admission := self.admit(run.first, run.last)) is Admission.NEXT:
            self._push(run.after(seen))
        elif admission is Admission.HOLE:
            self._known = max(self._known, run.last)
            self._catch_up()

    def top(self) -> int:
        """Give the room's top for a heartbeat; a client that missed that its history was replaced is told again."""
        if self._renewed != self.room.renewed:
            self._start_over()
        return self.room.top

    def _start_over(self) -> None:
        self._socket.send_text(encode(StartOver(room=self.room.id, top=self.room.top)))

    def _catch_up(self) -> None:
        if self._known > self.seq and (self._repair is None or self._repair.done()):
            self._repair = asyncio.create_task(self._close_hole())

    async def _close_hole(self) -> None:
        while self._known > self.seq:
            try:
                events = await self._journal.after(self.room.id, self.seq, MAX_PAGE)
            except JournalError as error:
                _log.warning("A hole in room %r stays open until the next event: %s", self.room.name, error)
                return
            if not events:
                return
            if events[0].seq > self.seq + 1:
                self._start_over()  # what is missing was removed by the room's retention
                return
            self._count("repairs")
            for event in fit(events, newest=False):
                if self.admit(event.seq) is Admission.NEXT:
                    self._socket.write(text_frame(encode(event)))


def fit_around(events: Sequence[Event], seq: int) -> list[Event]:
    """Give a run of `events` of about PAGE_BYTES that reaches to both sides of `seq`."""
    below = fit([event for event in events if event.seq <= seq], newest=True)
    above = fit([event for event in events if event.seq > seq], newest=False)
    return [*below, *above]


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
