"""The connection from a mirror to its room's home: a client of the same protocol that a window speaks."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from lanchat.errors import Banned, Kicked, RefusedError, Unreachable, error_of
from lanchat.identity import NodeCertificate, Seal
from lanchat.journal import Journal
from lanchat.lan.connection import Connection
from lanchat.lan.link.checks import checked
from lanchat.lan.link.dialler import Dialler
from lanchat.lan.link.entry import come_in, hand_over, knock, learn
from lanchat.lan.link.inflow import Inflow
from lanchat.lan.link.outflow import Outflow
from lanchat.lan.link.quota import Quota
from lanchat.lan.link.stream import Stream
from lanchat.lan.link.turns import FairReplies
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications
from lanchat.protocol import (
    MAX_PAGE,
    Answer,
    Error,
    Invite,
    Join,
    Joined,
    NodeInfo,
    Presence,
    Quorum,
    Receipts,
    Typing,
    Verify,
)
from lanchat.rooms import Access, Doorkeeper, Room, Throttle, Visitor, succession

PROGRESS = 0.25
"""Seconds between two reports of how far a long history has come."""
_SENT_OUT = frozenset({Banned.code, Kicked.code})
"""What a home says to a node that may not stay."""


class Link:
    """Keeps one mirror complete, and carries what is said in it to the room's home.

    What was said in the mirror lies in the journal's outbox until the home's own event comes back.

    Args:
        room: the mirror.
        node: this node.
        journal: keeps events and the outbox.
        addresses: gives where the home may be now, as `host:port`, the likeliest first.
        on_change: called when `online` or `refused` changes, and now and then while a long history comes.
        seal: signs what goes to the home.
        certificate: by which this node proves to the home which one it is.
        access: the gate, which is asked what the home may bring.
        notifications: tells the people of this node what comes from the home.
        doors: follows the rules of the room.
        set_aside: empties the mirror when its home has another history.
        quota: says how much the mirror may have.
        count: counts how the link comes and goes.
        on_missing: called when the home has said that it does not have the room.

    Attributes:
        shared: whether the home only leads to a Redis, as it said last.
    """

    may_lose = False
    elsewhere = ()

    def __init__(
        self,
        room: Room,
        node: NodeInfo,
        journal: Journal,
        addresses: Callable[[], Sequence[str]],
        on_change: Callable[[], None],
        *,
        seal: Seal,
        certificate: NodeCertificate,
        access: Access,
        notifications: Notifications,
        doors: Doorkeeper,
        set_aside: Callable[[Room], Awaitable[None]],
        quota: Quota,
        count: Count = uncounted,
        on_missing: Callable[[], None] = lambda: None,
    ) -> None:
        self._room = room
        self._doors = doors
        self._quota = quota
        quota.add(room)
        self._access = access
        self._journal = journal
        self._on_change = on_change
        self._set_aside = set_aside
        self._count = count
        self.shared = False
        self._online = False
        self._stream: Stream | None = None
        self._connection: Connection | None = None
        self._inflow = Inflow(room, node, access, notifications, on_change, quota.limits)
        self._outflow = Outflow(room, journal, seal)
        self._progress = Throttle(self._report_progress, PROGRESS, "How far a history has come")
        self._dialler = Dialler(
            room,
            node,
            self._allowed(addresses),
            self._follow_or_start_over,
            seal=seal,
            certificate=certificate,
            on_change=on_change,
            on_missing=on_missing,
        )
        self._task = asyncio.create_task(self._dialler.run(), name=f"link {room.name}")

    @property
    def online(self) -> bool:
        """Whether the home answers now."""
        return self._online

    @property
    def fetching(self) -> int:
        """The home's top while the mirror is far behind and catches up with it; 0 otherwise."""
        return 0 if self._stream is None else self._stream.fetching

    @property
    def refused(self) -> str:
        """Code of the reason why what the home says, or what answers in its place, is not taken; empty otherwise."""
        return self._dialler.refused or (self._stream.stalled if self._stream is not None else "")

    @property
    def full(self) -> bool:
        """Whether the mirror has as much as it may, and fetches no more."""
        return self._quota.full(self._room)

    @property
    def here(self) -> str:
        """Address of this machine at its end of the connection to the home; empty while there is none."""
        return "" if self._connection is None else self._connection.here

    @property
    def there(self) -> str:
        """Address at which the home answers this link; empty while it does not."""
        return "" if self._connection is None else self._connection.there

    @property
    def closed(self) -> bool:
        """Whether the link has ended for good."""
        return self._task.done()

    def flush(self) -> None:
        """Send what waits in the outbox, as soon as the home answers."""
        self._outflow.flush()

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify | Quorum) -> None:
        """Send the home something that is not kept; dropped when the home does not answer now."""
        if self._online:
            self._outflow.send(frame)

    def nudge(self) -> None:
        """Try again now: the home was seen on the network."""
        self._dialler.nudge()

    def renew(self) -> None:
        """Dial anew at once: this machine or the home is somewhere else on the network."""
        self._dialler.renew()

    async def knock(self, key: bytes, invitation: str) -> None:
        """Have the home let this node in, and come again at once. As `Room.knock`."""

        async def enter(connection: Connection) -> None:
            await knock(connection, self._room, key, invitation)
            await learn(connection, self._room, self._doors, self._quota.limits.rules)

        await self._dialler.visit(enter)
        self.nudge()

    async def set_key(self, key: bytes) -> None:
        """Have the home take what the new passphrase was made into. As `Room.set_key`."""
        await self._dialler.visit(lambda connection: hand_over(connection, self._room, key))

    async def close(self) -> None:
        """End the link."""
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._progress.close()
        self._quota.remove(self._room)

    def _allowed(self, addresses: Callable[[], Sequence[str]]) -> Callable[[], Sequence[str]]:
        """Let nobody dial for a mirror that is full."""

        def allowed() -> Sequence[str]:
            self._quota.check(self._room)
            return addresses()

        return allowed

    async def _follow_or_start_over(self, connection: Connection) -> None:
        try:
            await self._follow(connection)
        except succession.OtherHistory:
            # Nothing is merged: what this mirror has is set aside, and it begins again with what the home has.
            await self._set_aside(self._room)
            self._room.door.start_over()
            self.nudge()
        except RefusedError as error:
            await self._stay_outside(error)
            raise

    async def _follow(self, connection: Connection) -> None:
        room, top = self._room.id, self._room.top
        self._access.check(Visitor("home", node=connection.welcome.node), "link", room)
        await come_in(connection, self._room, self._doors, self._quota.limits.rules)
        last = await self._journal.mark(room, top)
        await connection.send(Join(room=room, since=top, limit=MAX_PAGE, last=last))
        reading = asyncio.timeout(None)
        stream = Stream(self._room, self._journal, connection, lambda: _end(reading), self._on_change, self._quota)
        await self._quota.begin(self._room)
        try:
            async with reading:
                await self._read(connection, stream)
        except TimeoutError:
            stream.check()
            raise

    async def _read(self, connection: Connection, stream: Stream) -> None:
        """Take what the home sends, and send it what waits, until the connection ends."""
        self._stream, self._connection = stream, connection
        sending: asyncio.Task[None] | None = None
        try:
            async for said in FairReplies(connection, stream.kept):
                reply = checked(said, self._room.id, self._access.owner)
                if reply is None:
                    continue
                if isinstance(reply, Error) and not reply.nonce and reply.code in _SENT_OUT:
                    raise error_of(reply.code, reply.message)
                if isinstance(reply, Answer):
                    self._outflow.answered(reply)
                if isinstance(reply, Joined):
                    await self._joined(connection, reply)
                    sending = sending or asyncio.create_task(self._outflow.run(connection))
                was_fetching = self.fetching
                await stream.take(reply)
                if was_fetching or self.fetching:
                    await self._progress.changed()
                await self._inflow.take(reply)
                if sending is not None and sending.done():
                    await sending
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.wait({sending})
            self._stream = self._connection = None
            await self._set_online(online=False)

    async def _joined(self, connection: Connection, joined: Joined) -> None:
        """Follow the home in its term, or refuse. Raises Unreachable when it is not the room's home any more."""
        home = connection.welcome.node
        if succession.judge(self._room.record, home, joined.term) is succession.Claim.REFUSE:
            raise Unreachable(f"{home.name} is not the room's home any more: its term is over.")
        await self._room.kept.raise_term(joined.term)
        self.shared = joined.shared
        if self._room.top == 0:
            self._room.skip_past(joined.top)
        self._room.door.outside = None
        await self._set_online(online=True)

    async def _stay_outside(self, error: RefusedError) -> None:
        """Note that the home does not let this node in, and send out who is in the mirror."""
        known, self._room.door.outside = self._room.door.outside, error
        if known is None or known.code != error.code:
            await self._room.tell_policy()
            self._on_change()

    async def _report_progress(self) -> None:
        self._on_change()

    async def _set_online(self, *, online: bool) -> None:
        if online == self._online:
            return
        self._online = online
        self._count("links_up" if online else "links_down")
        if not online:
            self._outflow.drop()
            await self._room.presence.lose_others()
        self._on_change()


def _end(reading: asyncio.Timeout) -> None:
    """End the connection at once when something could not be kept, not only when the home sends something again."""
    with contextlib.suppress(RuntimeError):  # it has ended already
        reading.reschedule(asyncio.get_running_loop().time())
