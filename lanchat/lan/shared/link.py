"""The way from a mirror to the room in Redis: to each shared room a node is what a mirror is to its home."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence

from lanchat.errors import LanchatError, RefusedError
from lanchat.lan.shared.company import Company
from lanchat.lan.shared.history import ForeignEntry, SharedHistory
from lanchat.lan.shared.outbox import SharedOutbox
from lanchat.lan.shared.passing import LOOK, Passing
from lanchat.lan.shared.stream import RoomStream, View
from lanchat.layers import LayerError, LayerUnreachable
from lanchat.metrics import Count
from lanchat.protocol import FAR, MAX_PAGE, Haven, Invite, NodeInfo, Presence, Receipts, Typing, Verify
from lanchat.rooms import Access, Room, Visitor, succession

_log = logging.getLogger(__name__)

PAUSE = 0.1
"""Seconds before the first new attempt; each further one waits up to twice as long, at random."""
LONGEST_PAUSE = 1.0
"""Most seconds between two attempts."""
_SOON = 0.05

Publish = Callable[[str, bytes], None]
"""Sends something to a topic, and waits for nothing."""


class SharedLink:
    """Keeps one mirror as Redis has the room, and brings Redis what is said here.

    One task does one thing after the other: take what is new, where a hint says that there may be something, then bring
    what waits. Redis refuses what was judged before a rule that this node has not taken yet.

    Args:
        room: the mirror.
        stream: the room's keys in Redis.
        node: this node.
        history: the mirror's events.
        outbox: what waits here.
        passing: what nodes tell each other and nobody keeps.
        company: the other nodes at this Redis.
        access: the gate, which is asked what Redis may bring.
        publish: sends to a topic.
        set_aside: empties the mirror when it cannot go on from where it is.
        on_change: called when `online`, `refused` or `fetching` has changed.
        count: counts how it comes and goes, what was brought back, and what was refused.
        ready: whether Redis was found to be that of these nodes.
        on_release: called when `released` is so.

    Attributes:
        kept: the highest seq that Redis let nodes take, when it was asked last.
        released: whether Redis numbers the room no more, and everything is here that it had.
    """

    full = False
    shared = True

    def __init__(
        self,
        room: Room,
        stream: RoomStream,
        node: NodeInfo,
        *,
        history: SharedHistory,
        outbox: SharedOutbox,
        passing: Passing,
        company: Company,
        access: Access,
        publish: Publish,
        set_aside: Callable[[Room], Awaitable[None]],
        on_change: Callable[[], None],
        count: Count,
        ready: asyncio.Event,
        on_release: Callable[[], None],
    ) -> None:
        self.fetching = 0
        self.refused = ""
        self.online = False
        self.kept = 0
        self.released = False
        self._room = room
        self._stream = stream
        self._node = node
        self._history = history
        self._outbox = outbox
        self._passing = passing
        self._company = company
        self._access = access
        self._publish = publish
        self._set_aside = set_aside
        self._on_change = on_change
        self._count = count
        self._ready = ready
        self._on_release = on_release
        self._settled = 0
        self._hints = passing.hints
        self._work = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"shared {room.name}")

    @property
    def topic(self) -> str:
        """Where nodes tell each other of this room."""
        return self._stream.topic

    @property
    def closed(self) -> bool:
        """Whether the link has ended for good."""
        return self._task.done()

    @property
    def may_lose(self) -> bool:
        """Whether a crash of Redis can take the last second of what no node has."""
        return self._stream.durability.known and not self._stream.durability.certain

    @property
    def behind(self) -> int:
        """How many entries this node lacks of what Redis has, as far as it knows."""
        return max(0, self.kept - self._room.top)

    @property
    def elsewhere(self) -> Sequence[Haven]:
        """Where else guests come into the room: at every node of this Redis."""
        return self._company.others

    def flush(self) -> None:
        """Look into the outbox: something waits."""
        self._outbox.look()
        self._work.set()

    def hear(self, body: bytes) -> None:
        """Take what came by the room's topic. Whatever it says, only what lies in the stream counts."""
        self._passing.hear(body)
        self._work.set()

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify) -> None:
        """Send the other nodes something that is not kept; dropped when Redis does not answer now."""
        if self.online:
            self._publish(self.topic, self._passing.written(frame))

    async def knock(self, key: bytes, invitation: str) -> None:
        """Fail: nobody but this node lets somebody in here. Raises LayerError."""
        del key, invitation
        raise LayerError("This room is shared through Redis; every node of it lets people in by itself.")

    async def set_key(self, key: bytes) -> None:
        """Fail: a passphrase would have to be known to every node. Raises LayerError."""
        del key
        raise LayerError("A room that is shared through Redis cannot have a passphrase; use invitations.")

    async def close(self) -> None:
        """End the link."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        failures = 0
        while True:
            await self._ready.wait()
            try:
                while True:
                    self._work.clear()
                    busy = await self._turn()
                    failures = 0
                    if not busy:
                        await self._rest(LOOK)
            except succession.OtherHistory:
                await self._begin_again()
            except LanchatError as error:
                failures += 1
                await self._lose(error)
            except Exception:  # noqa: BLE001 - a link that died of a surprise would never come back
                failures += 1
                _log.exception("The link of the shared room %r failed", self._room.name)
            await asyncio.sleep(PAUSE / 2 + random.uniform(0, min(LONGEST_PAUSE, PAUSE * 2 ** min(failures, 8))))

    async def _turn(self) -> bool:
        """Do what there is to do; True when there may be more."""
        if looks := not self._settled or self._hints.due(self._room.top):
            self._hints.looking()
            view = await self._stream.view(self._room.top, MAX_PAGE)
            if view.state == "moved":
                return await self._let_go(view)
            self.released = False  # a replica that took over may not have heard that the room was let go
            if view.state != "open" or view.last < max(self._room.top, self._outbox.last) or view.lacking:
                if not await self._meet():
                    return True
                view = await self._stream.view(self._room.top, MAX_PAGE)
            if (view.state == "open" and not await self._settle(view)) or await self._take(view):
                return True
            if view.last > view.kept:
                await self._stream.confirm(view.term, view.last)
            await self._come(view)
            self._hints.looked()
        brought = await self._outbox.bring(self._settled, current=looks)
        if brought == "lost":
            self._settled = 0
            await self._meet()
        elif brought == "later":
            self._hints.anything()
            await self._rest(_SOON)
        await self._passing.take()
        return brought != "done"

    async def _settle(self, view: View) -> bool:
        """Follow Redis under its term; False when it had another history than this node, which has another one now."""
        if view.term == self._settled:
            return True
        self._access.check(Visitor("home", node=succession.SHARED), "link", self._room.id)
        self._outbox.again()  # what Redis has numbered under the former term may be lost, if no node had it yet
        self._settled = view.term if await self._history.settle(view) else 0
        if not self._settled:
            await self._meet()  # it may be another one because something was lost
        return self._settled > 0

    async def _take(self, view: View) -> bool:
        """Take what comes next; True when there is more."""
        self.kept = view.kept
        behind = view.kept - self._room.top
        was, self.fetching = self.fetching, view.kept if behind > FAR or (self.fetching and behind > 0) else 0
        try:
            if await self._history.take(view) and (self.fetching or self._room.top < view.kept):
                return True
        except ForeignEntry as error:
            self._count("shared_refused")
            _log.warning("The shared room %r: %s", self._room.name, error)
            await self._stream.cut(view.term, error.seq)
            return True
        if was:
            self._on_change()
        return False

    async def _let_go(self, view: View) -> bool:
        """Take what is left of a room that a node numbers now; True when there may be more."""
        await self._room.kept.raise_term(view.term - 1)  # that of the node is for whoever follows it
        with contextlib.suppress(ForeignEntry):
            if await self._history.take(view):
                return True
        self.released = True
        self._on_release()
        return False

    async def _meet(self) -> bool:
        """Find out with the other nodes what Redis has to be brought; True when the room is numbered.

        The word `open` does not say so of a server that was started again: only a meeting does.
        """
        meeting = await self._stream.meet(self._node.id, self._room.term, await self._history.last())
        if meeting.state == "fill" and meeting.filler == self._node.id:
            brought = await self._history.fill(self._node.id, meeting)
            if brought:
                self._count("shared_refilled", brought)
                _log.warning("Redis had lost %d entries of room %r, and has them again", brought, self._room.name)
            return False
        if meeting.state != "open":
            self._settled = 0
            await self._rest(max(0.02, min(meeting.left, 0.25)))
        return meeting.state == "open"

    async def _come(self, view: View) -> None:
        """Be online: everything that Redis has is here, and what is said is numbered."""
        if self.online or view.state != "open":
            return
        self.online, self.refused = True, ""
        self._count("links_up")
        self._on_change()
        await self._room.presence.announce()
        await self._room.receipts.announce()

    async def _lose(self, error: LanchatError) -> None:
        self._settled = 0
        self._outbox.again()
        away = isinstance(error, LayerUnreachable)
        if not away:
            self._count("shared_refused")
        log = _log.debug if away and not self.online else _log.warning
        log("The shared room %r: %s", self._room.name, error)
        refused = "" if away or isinstance(error, RefusedError) else error.code
        if self.online or refused != self.refused:
            if self.online:
                self._count("links_down")
            self.online, self.refused = False, refused
            await self._room.presence.lose_others()
            self._on_change()

    async def _begin_again(self) -> None:
        self._settled = 0
        try:
            await self._set_aside(self._room)
            self._room.door.start_over()
        except LanchatError as error:
            await self._lose(error)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._work.wait()
