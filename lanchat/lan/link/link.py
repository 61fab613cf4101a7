"""The connection from a mirror to its room's home: a client of the same protocol that a window speaks."""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from lanchat.errors import LanchatError, NoSuchRoom, Unreachable, error_of
from lanchat.journal import Draft, Journal
from lanchat.lan.connection import Connection, dial
from lanchat.lan.link.stream import OtherHistory, Stream
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications
from lanchat.protocol import (
    MAX_PAGE,
    VERSION,
    Author,
    Error,
    Hello,
    Invite,
    Join,
    Joined,
    Moved,
    NodeInfo,
    Notification,
    Post,
    Presence,
    Receipts,
    Reply,
    Typing,
)
from lanchat.rooms import Room, Throttle

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
"""Seconds before the first new attempt; each further one waits up to twice as long, at random."""
LONGEST_PAUSE = 4.0
"""Most seconds between two attempts. On a LAN one costs a packet, and who comes back wants to be there at once."""
PROGRESS = 0.25
"""Seconds between two sayings of how far a long history has come."""
_DIAL = 3.0
_SAYINGS = 64


class Link:
    """Keeps one mirror complete, and carries what is said in it to the room's home.

    It never gives up: after every end it waits with exponential back-off and full jitter, or until `nudge`. What was
    said in the mirror lies in the journal's outbox until the home's own event comes back.

    Args:
        room: the mirror.
        node: this node.
        journal: keeps events and the outbox.
        addresses: gives where the home may be now, as `host:port`, the likeliest first.
        on_change: called when `online` changes, and now and then while a long history comes.
        notifications: tells the people of this node what comes from the home.
        set_aside: empties the mirror when its home has another history.
        count: counts how the link comes and goes.
    """

    def __init__(
        self,
        room: Room,
        node: NodeInfo,
        journal: Journal,
        addresses: Callable[[], Sequence[str]],
        on_change: Callable[[], None],
        *,
        notifications: Notifications,
        set_aside: Callable[[Room], Awaitable[None]],
        count: Count = uncounted,
    ) -> None:
        self._room = room
        self._node = node
        self._journal = journal
        self._notifications = notifications
        self._set_aside = set_aside
        self._count = count
        self._addresses = addresses
        self._changed = on_change
        self._online = False
        self._stream: Stream | None = None
        self._progress = Throttle(self._say_progress, PROGRESS, "How far a history has come")
        self._sayings: deque[Presence | Receipts | Typing | Invite] = deque(maxlen=_SAYINGS)
        self._work = asyncio.Event()
        self._nudged = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"link {room.name}")

    @property
    def online(self) -> bool:
        """Whether the home answers now."""
        return self._online

    @property
    def fetching(self) -> int:
        """The home's top while the mirror is far behind and catches up with it; 0 otherwise."""
        return 0 if self._stream is None else self._stream.fetching

    @property
    def closed(self) -> bool:
        """Whether the link has ended for good."""
        return self._task.done()

    def wake(self) -> None:
        """Look into the outbox: something waits for the home."""
        self._work.set()

    def say(self, frame: Presence | Receipts | Typing | Invite) -> None:
        """Tell the home something that is not kept; dropped when the home does not answer now."""
        if self._online:
            self._sayings.append(frame)
            self._work.set()

    def nudge(self) -> None:
        """Try again now: the home was seen on the network."""
        self._nudged.set()

    async def close(self) -> None:
        """End the link."""
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._progress.close()

    async def _run(self) -> None:
        failures = 0
        while True:
            self._nudged.clear()
            try:
                await self._connect_or_start_over()
                failures = 0
            except LanchatError as error:
                failures += 1
                _log.info("The home of room %r: %s", self._room.name, error)
            except Exception:  # noqa: BLE001 - a link that died of a surprise would never come back
                failures += 1
                _log.exception("The link of room %r failed", self._room.name)
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), FIRST_PAUSE / 5 + random.uniform(0, longest))

    async def _connect_or_start_over(self) -> None:
        try:
            await self._connect()
        except OtherHistory:
            # Nothing is merged: what this mirror has is set aside, and it begins again with what the home has.
            await self._set_aside(self._room)
            self.nudge()

    async def _connect(self) -> None:
        """Follow the home at the first address where it answers, until the connection ends."""
        hello = Hello(version=VERSION, client="link", node=self._node)
        last: LanchatError = Unreachable("Its address is not known.")
        for address in self._addresses():
            try:
                async with dial(f"http://{address}/", hello, patience=_DIAL) as connection:
                    if connection.welcome.node.id != self._room.record.home.id:
                        raise Unreachable(f"Another node answers at {address}.")
                    await self._remember(address)
                    await self._follow(connection)
                    return
            except LanchatError as error:
                last = error
        raise last

    async def _remember(self, address: str) -> None:
        known = self._room.record.addresses
        if not known or known[0] != address:
            addresses = (address, *(other for other in known if other != address))[:8]
            self._room.record = msgspec.structs.replace(self._room.record, addresses=addresses)
            await self._journal.put_room(self._room.record)

    async def _follow(self, connection: Connection) -> None:
        room, top = self._room.id, self._room.top
        last = await self._journal.mark(room, top)
        await connection.send(Join(room=room, since=top, limit=MAX_PAGE, last=last))
        stream = self._stream = Stream(self._room, self._journal, connection)
        sender: asyncio.Task[None] | None = None
        try:
            async for notice in connection:
                if isinstance(notice, Joined) and sender is None:
                    if self._room.top == 0:
                        self._room.past = notice.top
                    await self._set_online(online=True)
                    sender = asyncio.create_task(self._send(connection))
                was_fetching = self.fetching
                await stream.take(notice)
                if was_fetching or self.fetching:
                    await self._progress.changed()
                await self._hear(notice)
                if sender is not None and sender.done():
                    await sender
        finally:
            if sender is not None:
                sender.cancel()
                await asyncio.wait({sender})
            self._stream = None
            await self._set_online(online=False)

    async def _hear(self, notice: Reply) -> None:
        match notice:
            case Presence() | Receipts() | Typing():
                await self._hear_of_others(notice)
            case Invite(to=to, author=Author() as author, into=into):
                await self._notifications.invite(to, author, into)
            case Notification():
                await self._notifications.pass_on(notice)
            case Moved() | Error(code=NoSuchRoom.code):
                # What waits here must not be refused: the room may come back, or this mirror gives way as well.
                raise NoSuchRoom("It does not have this room any more.")
            case Error(nonce=nonce, retry=False) if nonce:
                await self._room.refuse(notice)
            case Error(code=code, nonce=nonce, message=message) if nonce:
                # A new connection sends everything that waits again, in its order, after a pause.
                raise error_of(code, message)
            case Error(code=code, message=message):
                _log.info("The home of room %r refused: %s %s", self._room.name, code, message)
            case _:
                pass

    async def _hear_of_others(self, notice: Presence | Receipts | Typing) -> None:
        if isinstance(notice, Presence):
            if await self._room.presence.hear(notice):
                self._changed()
        elif isinstance(notice, Receipts):
            await self._room.read_state.hear(notice)
        elif notice.node != self._node.id:
            await self._room.typing(notice, from_home=True)

    async def _send(self, connection: Connection) -> None:
        """Say who is here, then everything that waits in the outbox, in its order, as long as the connection lasts."""
        place = 0
        await self._room.presence.announce()
        await self._room.read_state.say()
        with contextlib.suppress(Unreachable):
            while True:
                self._work.clear()
                while self._sayings:
                    await connection.send(self._sayings.popleft())
                waiting = await self._journal.outbox(self._room.id, place)
                for place, draft in waiting:  # noqa: B007 - the next look begins behind it
                    await connection.send(_post(draft))
                await self._work.wait()

    async def _say_progress(self) -> None:
        self._changed()

    async def _set_online(self, *, online: bool) -> None:
        if online == self._online:
            return
        self._online = online
        self._count("links_up" if online else "links_down")
        if not online:
            self._sayings.clear()
            await self._room.presence.lose_others()
        self._changed()


def _post(draft: Draft) -> Post:
    body = draft.body
    return Post(
        room=draft.room,
        nonce=draft.nonce,
        kind=draft.kind,
        text=body.text,
        target=body.target,
        emoji=body.emoji,
        off=body.off,
        author=draft.author,
    )
