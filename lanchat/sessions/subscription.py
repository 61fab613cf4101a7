"""One room as one client follows it: every event once and in order, whatever the layer drops (docs/protocol.md)."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from lanchat.consumers import Socket, text_frame
from lanchat.errors import JournalError
from lanchat.identity import shown
from lanchat.journal import Journal
from lanchat.layers import Message
from lanchat.metrics import Count, uncounted
from lanchat.protocol import FAR, MAX_PAGE, Admission, Cursor, Event, History, Joined, Mark, Page, StartOver, encode
from lanchat.rooms import Room, succession
from lanchat.sessions.hub import Run
from lanchat.sessions.paging import Excerpt, excerpt, fit

_log = logging.getLogger(__name__)


class Keeper(Protocol):
    """Who keeps a subscription: the client whose it is."""

    def rules_changed(self, room: Room) -> None:
        """Stay in a room in which something else holds from now on, or go out of it."""


class Subscription(Cursor):
    """The cursor of one client in one room: what it has seen, and how it gets the rest.

    Let the hub hand it the room's messages first and call `begin` second: what arrives in between is repaired from the
    journal.

    Args:
        room: the room.
        journal: where holes are repaired from.
        socket: the client.
        person: id of the one who speaks there.
        keeper: is told when other rules hold in the room.
        count: counts the repairs.
    """

    __slots__ = (
        "_begun",
        "_count",
        "_frames",
        "_journal",
        "_keeper",
        "_known",
        "_limit",
        "_person",
        "_renewed",
        "_repair",
        "_socket",
        "room",
    )

    def __init__(
        self,
        room: Room,
        journal: Journal,
        socket: Socket,
        *,
        person: str = "",
        keeper: Keeper | None = None,
        count: Count = uncounted,
    ) -> None:
        super().__init__()
        self.room = room
        self._count = count
        self._journal = journal
        self._socket = socket
        self._person = person
        self._keeper = keeper
        self._frames = socket.frames
        self._known = 0
        self._limit = 0
        self._renewed = room.renewed
        self._begun = False
        self._repair: asyncio.Task[None] | None = None

    async def begin(self, since: int, limit: int, last: Mark | None = None, *, ref: int = 0) -> bool:
        """Send what happened after `since`, at most the newest `limit` events.

        Args:
            since: the client's cursor.
            limit: most events.
            last: the mark of the event `since` as the client knows it; None when it does not say.
            ref: of the command that is answered by this.

        Returns:
            False when the client knows another history than this one, and was told so.
        """
        if since > self.room.top or (last is not None and not await self._agrees(since, last)):
            self._start_over(ref)
            return False
        self._limit = limit
        self._begun = await self._go_on_near_top(since, ref)
        self._catch_up()
        return self._begun

    def on_message(self, message: Run | Message) -> None:
        """Take what comes from the room: events, frames that are not kept, and what is for one author only."""
        if isinstance(message, Run):
            if self._begun and message.first == self.seq + 1 and self._renewed == self.room.renewed:
                # What `admit` does, written out: this happens for each member of the room and each message.
                self.seq = message.last
                self._frames.push(message.wire)
            else:
                self._take(message)
        elif message["type"] == "room.frame" or (
            message["type"] == "room.refused" and message["author"] == self._person
        ):
            self._socket.send_text(message["frame"])
        elif message["type"] == "room.policy":
            self._take_policy(message["frame"])

    async def page(self, asked: History) -> Page:
        """Return a page of the room's history."""
        room, limit = self.room.id, asked.limit
        if asked.before is not None:
            events = await self._journal.before(room, asked.before, limit)
            place = len(events) - 1
        elif asked.around is not None:
            events = await self._journal.around(room, asked.around, limit)
            # Retention may have removed it meanwhile.
            place = next((index for index, event in enumerate(events) if event.nonce == asked.around), 0)
        else:
            events, place = await self._journal.after(room, asked.after or 0, limit), 0
        run, later = await self._excerpt(events, place)
        return Page(room=room, events=run, later=later, oldest=self._journal.oldest(room))

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
        elif self._renewed != self.room.renewed:
            self._start_over()
        elif (admission := self.admit(run.first, run.last)) is Admission.NEXT:
            self._frames.push(run.after(seen))
        elif admission is Admission.HOLE:
            self._known = max(self._known, run.last)
            self._catch_up()

    def _take_policy(self, frame: bytes) -> None:
        """Say what holds in the room from now on, once the client is in it, and let its keeper see who may stay."""
        if self._begun:
            self._socket.send_text(frame)
        self._rules_changed()

    def _rules_changed(self) -> None:
        if self._keeper is not None:
            self._keeper.rules_changed(self.room)

    def top(self) -> int:
        """Return the room's top for a heartbeat; a client that missed that its history was replaced is told again.

        While the room fetches a long history the client is not behind: it goes on once everything is there.
        """
        if self._renewed != self.room.renewed:
            self._start_over()
        return self.seq if self.room.fetching else self.room.top

    def _start_over(self, ref: int = 0) -> None:
        """Tell the client that its history is not the room's; nothing more is sent until it joins again."""
        self._begun = False
        self._socket.send_text(encode(StartOver(room=self.room.id, top=self.room.top, ref=ref)))

    async def _agrees(self, seq: int, mark: Mark) -> bool:
        """Whether the event at `seq` is the one that the client knows, as far as that one is still kept."""
        stands = await self._journal.mark(self.room.id, seq)
        return succession.is_same_history(mark, seq, stands, self._journal.oldest(self.room.id))

    async def _go_on_near_top(self, since: int, ref: int = 0) -> bool:
        """Send the newest events after `since`, as many as the client wants; False when it has to start over."""
        top = self.room.top
        events: list[Event] = []
        if self._limit and top > since:
            events = await self._journal.before(self.room.id, top + 1, min(self._limit, top - since))
        run, later = await self._excerpt(events, len(events) - 1)
        if self._renewed != self.room.renewed:
            self._start_over(ref)
            return False
        self._socket.send_text(
            encode(
                Joined(
                    ref=ref,
                    room=self.room.id,
                    term=self.room.term,
                    top=top,
                    events=run,
                    later=later,
                    oldest=self._journal.oldest(self.room.id),
                    shared=self.room.info.shared,
                )
            )
        )
        self.seq = max(self.seq, top)
        return True

    def _catch_up(self) -> None:
        if self._known > self.seq and (self._repair is None or self._repair.done()):
            self._repair = asyncio.create_task(self._close_hole())

    async def _close_hole(self) -> None:
        while self._known > self.seq:
            before = self.seq
            try:
                await self._repair_piece()
            except JournalError as error:
                _log.warning("A hole in room %r stays open until the next event: %s", self.room.name, error)
                return
            if self.seq == before:
                return
            self._count("repairs")

    async def _repair_piece(self) -> None:
        """Send what follows; who misses very much, or what the room's retention removed, goes on near the top."""
        far = self._known - self.seq > FAR
        events = [] if far else await self._journal.after(self.room.id, self.seq, MAX_PAGE)
        run, _ = fit(await self._ready(events), 0)
        if far or len(run) < len(events) or (run and run[0].seq > self.seq + 1):
            await self._go_on_near_top(self.seq)
            return
        if self._renewed != self.room.renewed:
            self._start_over()
            return
        for event in run:
            if self.admit(event.seq) is Admission.NEXT:
                self._frames.write(text_frame(encode(event)))

    async def _ready(self, events: Sequence[Event]) -> list[Event]:
        """Return events as this client is sent them."""
        return [shown(event) for event in self._without_hidden(events)]

    async def _excerpt(self, events: list[Event], place: int) -> Excerpt:
        """Return what of some events fits into a frame, as this client is sent it."""
        found = await excerpt(self._journal, await self._ready(events), place)
        return Excerpt(found.events, self._without_hidden(found.later))

    def _without_hidden(self, events: Sequence[Event]) -> list[Event]:
        """Return events without the words that a moderator has hidden."""
        policy = self.room.door.policy
        return [policy.veiled(event) for event in events] if policy.hidden else list(events)
