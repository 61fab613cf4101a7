"""The connection from a mirror to its room's home: a client of the same protocol that a window speaks."""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from lanchat.chat.cursor import Admission, Cursor
from lanchat.chat.journal import Journal
from lanchat.chat.protocol import (
    MAX_PAGE,
    VERSION,
    Error,
    Event,
    Heartbeat,
    Hello,
    History,
    Join,
    Joined,
    Moved,
    NodeInfo,
    Notice,
    Page,
    Post,
    Presence,
    StartOver,
    Typing,
)
from lanchat.chat.room import Room
from lanchat.errors import LanchatError, NoSuchRoom, Unreachable, error_of
from lanchat.lan.client import Connection, dial

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
"""Seconds before the first new attempt; each further one waits up to twice as long, at random."""
LONGEST_PAUSE = 30.0
"""Most seconds between two attempts."""
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
        on_change: called when `online` changes.
    """

    def __init__(
        self,
        room: Room,
        node: NodeInfo,
        journal: Journal,
        addresses: Callable[[], Sequence[str]],
        on_change: Callable[[], None],
    ) -> None:
        self._room = room
        self._node = node
        self._journal = journal
        self._addresses = addresses
        self._changed = on_change
        self._online = False
        self._sayings: deque[Presence | Typing] = deque(maxlen=_SAYINGS)
        self._work = asyncio.Event()
        self._nudged = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"link {room.name}")

    @property
    def online(self) -> bool:
        """Whether the home answers now."""
        return self._online

    @property
    def closed(self) -> bool:
        """Whether the link has ended for good."""
        return self._task.done()

    def wake(self) -> None:
        """Look into the outbox: something waits for the home."""
        self._work.set()

    def say(self, frame: Presence | Typing) -> None:
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

    async def _run(self) -> None:
        failures = 0
        while True:
            self._nudged.clear()
            try:
                await self._connect()
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
        await connection.send(Join(room=self._room.id, since=self._room.top, limit=MAX_PAGE))
        stream = _Stream(self._room, self._journal, connection)
        sender: asyncio.Task[None] | None = None
        try:
            async for notice in connection:
                if isinstance(notice, Joined):
                    await self._set_online(online=True)
                    sender = asyncio.create_task(self._send(connection))
                await stream.take(notice)
                await self._hear(notice)
                if sender is not None and sender.done():
                    await sender
        finally:
            if sender is not None:
                sender.cancel()
                await asyncio.wait({sender})
            await self._set_online(online=False)

    async def _hear(self, notice: Notice) -> None:
        match notice:
            case Presence():
                if await self._room.hear(notice):
                    self._changed()
            case Typing(node=node) if node != self._node.id:
                await self._room.typing(notice, from_home=True)
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

    async def _send(self, connection: Connection) -> None:
        """Say who is here, then everything that waits in the outbox, in its order, as long as the connection lasts."""
        place = 0
        await self._room.announce(always=True)
        with contextlib.suppress(Unreachable):
            while True:
                self._work.clear()
                while self._sayings:
                    await connection.send(self._sayings.popleft())
                waiting = await self._journal.outbox(self._room.id, place)
                for place, draft in waiting:  # noqa: B007 - the next look begins behind it
                    post = Post(room=draft.room, nonce=draft.nonce, text=draft.body.text, author=draft.author)
                    await connection.send(post)
                await self._work.wait()

    async def _set_online(self, *, online: bool) -> None:
        if online == self._online:
            return
        self._online = online
        if not online:
            self._sayings.clear()
            await self._room.lose_others()
        self._changed()


class _Stream:
    """The home's events as they come in: next ones are kept, seen ones dropped, holes asked for."""

    def __init__(self, room: Room, journal: Journal, connection: Connection) -> None:
        self._room = room
        self._journal = journal
        self._connection = connection
        self._cursor = Cursor(room.top)
        self._top = room.top
        self._asked = 0
        self._failure: BaseException | None = None

    async def take(self, notice: Notice) -> None:
        """Take what concerns events; raises what went wrong when earlier ones were kept."""
        if self._failure is not None:
            raise self._failure
        match notice:
            case Event():
                await self._take_run([notice], notice.seq)
            case Joined(events=events, top=top):
                await self._take_run(events, top)
            case Page(events=events):
                await self._take_run(events, 0)
            case Heartbeat(tops=tops):
                self._asked = 0  # the answer to the last question may have been a refusal
                await self._take_run([], tops.get(self._room.id, 0))
            case StartOver(top=top):
                raise Unreachable(f"It has {top} events, this mirror {self._room.top}: it is not the same history.")
            case _:
                pass

    async def _take_run(self, events: Sequence[Event], top: int) -> None:
        self._top = max(self._top, top)
        fresh = [event for event in events if event.seq > self._cursor.seq]
        if fresh and self._cursor.admit(fresh[0].seq, fresh[-1].seq) is Admission.NEXT:
            self._journal.mirror(self._room.id, fresh).add_done_callback(self._kept)
        if self._top > self._cursor.seq:
            await self._ask()

    async def _ask(self) -> None:
        """Ask for what is missing, once for each place."""
        if self._asked != self._cursor.seq + 1:
            self._asked = self._cursor.seq + 1
            await self._connection.send(History(room=self._room.id, after=self._cursor.seq, limit=MAX_PAGE))

    def _kept(self, done: asyncio.Future[None]) -> None:
        if not done.cancelled():
            self._failure = self._failure or done.exception()
