"""What a mirror takes from its home beside events: who is there, what is for people here, and refusals."""

import logging
import time
from collections.abc import Callable

import msgspec

from lanchat.errors import LanchatError, NoSuchRoom, error_of
from lanchat.limits import Limits, TokenRate
from lanchat.notify import Notifications
from lanchat.protocol import (
    Author,
    Error,
    Invite,
    Moved,
    NodeInfo,
    Notification,
    Presence,
    Receipts,
    Reply,
    Typing,
    Verify,
)
from lanchat.rooms import Access, Action, Room, Visitor

_log = logging.getLogger(__name__)


_ACTIONS: dict[type, Action] = {
    Presence: "link",
    Receipts: "link",
    Typing: "link",
    Invite: "invite",
    Verify: "link",
    Notification: "announce",
}
"""What the gate is asked before something is handed on."""


class Inflow:
    """Hands on what the home sends and no journal keeps.

    Args:
        room: the mirror.
        node: this node.
        access: the gate; a home is no more to it than another guest.
        notifications: tells the people of this node.
        on_change: called when who is in the room has changed.
        limits: how often the home may tell something.
    """

    def __init__(  # noqa: PLR0917
        self,
        room: Room,
        node: NodeInfo,
        access: Access,
        notifications: Notifications,
        on_change: Callable[[], None],
        limits: Limits,
    ) -> None:
        self._signals = TokenRate(limits.home_signal_rate, limits.home_signal_burst)
        self._notices = TokenRate(limits.home_notice_rate, limits.home_notice_burst)
        self._full: dict[TokenRate, float] = {}
        self._room = room
        self._node = node
        self._access = access
        self._notifications = notifications
        self._on_change = on_change

    async def take(self, reply: Reply) -> None:
        """Take one frame; those that concern events are passed over.

        Raises:
            NoSuchRoom: the home does not have the room any more.
            LanchatError: a post was refused for now; it goes on waiting.
        """
        if action := _ACTIONS.get(type(reply)):
            if self._too_often(self._signals if action == "link" else self._notices):
                return
            try:
                self._access.check(Visitor("home", node=self._room.record.home), action, self._room.id)
            except LanchatError as error:
                _log.info("What the home of room %r brings is passed over: %s", self._room.name, error)
                return
        match reply:
            case Presence() | Receipts() | Typing() | Verify():
                await self._take_of_others(reply)
            case Invite(to=to, author=Author() as author, into=into):
                if to in self._room.presence.here():
                    await self._notifications.invite(to, author, into)
            case Notification():
                await self._notifications.pass_on(reply, self._room.presence.here() | {self._access.owner})
            case Moved() | Error(code=NoSuchRoom.code):
                # What waits here must not be refused: the room may come back, or this mirror gives way as well.
                raise NoSuchRoom("It does not have this room any more.")
            case Error():
                await self._take_refusal(reply)
            case _:
                pass

    def _too_often(self, rate: TokenRate) -> bool:
        """Count a frame; what comes too often is passed over: presence and receipts are told again."""
        now = time.monotonic()
        full = rate.after(self._full.get(rate, 0.0), now)
        if rate.wait(full, now):
            _log.info("The home of room %r tells too much at once; some of it is passed over", self._room.name)
            return True
        self._full[rate] = full
        return False

    async def _take_of_others(self, reply: Presence | Receipts | Typing | Verify) -> None:
        if isinstance(reply, Presence):
            if await self._room.presence.receive(reply):
                self._on_change()
        elif isinstance(reply, Receipts):
            await self._room.receipts.receive(reply)
        elif isinstance(reply, Verify):
            if reply.to in self._room.presence.here():
                await self._room.verify(reply)
        elif reply.node != self._node.id:
            await self._room.typing(reply)

    async def _take_refusal(self, error: Error) -> None:
        if not error.nonce:
            _log.info("The home of room %r refused: %s %r", self._room.name, error.code, error.message)
        elif error.retry:
            # A new connection sends everything that waits again, in its order, after a pause.
            raise error_of(error.code, error.message)
        else:
            await self._room.refuse(msgspec.structs.replace(error, ref=0))  # refs are a client's own
