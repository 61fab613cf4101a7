"""One conversation: posts become numbered events, events reach everybody who is in the room."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from lanchat.errors import RoomError, error_of
from lanchat.journal import Draft, Journal, Kept, RoomRecord
from lanchat.layers import BaseChannelLayer
from lanchat.protocol import (
    Author,
    Error,
    Event,
    Haven,
    Invite,
    Moved,
    NodeInfo,
    Notification,
    Presence,
    Receipts,
    RoomInfo,
    RoomRef,
    StartOver,
    Typing,
    Verify,
    encode,
    error_frame,
)
from lanchat.rooms.door import Doorway
from lanchat.rooms.presence import RoomPresence
from lanchat.rooms.quorum import Seat
from lanchat.rooms.receipts import RoomReceipts
from lanchat.rooms.roles import Role
from lanchat.rooms.runs import messages
from lanchat.rooms.succession import KeptRecord, is_shared

VERIFICATIONS = "node.verifications"
"""The layer's group of what compares words for the person whose node it is: `verify` (`frame`: a step of it)."""


class Room:
    """A named conversation. What differs between its home and a mirror is its role, which can be swapped.

    Everybody in the room is in the layer's group `group`; `rooms/runs.py` says what it carries. Links are in the group
    `links` as well; it carries `link.frame` (`frame`: for the link of `node`, or for every link when that is empty).

    Args:
        record: what the journal keeps of the room.
        node: this node.
        journal: where events are kept.
        layer: what carries them to those in the room.
        cast: makes the role of the room that it is given.
        door: what holds at its entrance; by default everybody may come in.
        seat: makes the room's seat among its voters; by default its home numbers alone.

    Attributes:
        door: what holds at its entrance.
        kept: what the journal keeps of it.
        presence: who is here.
        receipts: how far it is kept and read.
        seat: takes part in deciding who numbers.
    """

    def __init__(
        self,
        record: RoomRecord,
        node: NodeInfo,
        journal: Journal,
        layer: BaseChannelLayer,
        cast: "Callable[[Room], Role]",
        *,
        door: Doorway | None = None,
        seat: "Callable[[Room], Seat | None] | None" = None,
    ) -> None:
        self.kept = KeptRecord(record, journal)
        self.door = door or Doorway(record.owner)
        self._node = node
        self._journal = journal
        self._layer = layer
        self._renewed = self._past = self._links_here = 0
        self.presence = RoomPresence(record.id, node, self._send_to_all)
        self.receipts = RoomReceipts(record.id, node, lambda: self._role.copied, self._send_to_all)
        self.seat = seat(self) if seat is not None else None
        self._role = cast(self)

    @property
    def record(self) -> RoomRecord:
        """What the journal keeps of the room."""
        return self.kept.record

    @property
    def id(self) -> str:
        """The room's random id."""
        return self.kept.record.id

    @property
    def name(self) -> str:
        """The room's name: as it was opened under, or renamed to since."""
        return self.door.policy.name or self.kept.record.name

    @property
    def term(self) -> int:
        """The term of the room's home."""
        return self.kept.record.term

    @property
    def kind(self) -> Literal["home", "mirror"]:
        """Whether this node numbers the room."""
        return self._role.kind

    @property
    def group(self) -> str:
        """The layer's group of everybody in the room."""
        return f"room.{self.id}"

    @property
    def links(self) -> str:
        """The layer's group of the links of other nodes in the room."""
        return f"{self.group}.links"

    @property
    def top(self) -> int:
        """The highest seq kept here."""
        return self._journal.top(self.id)

    @property
    def fetching(self) -> int:
        """The home's top while this mirror is far behind and catches up with it; 0 otherwise."""
        return self._role.fetching

    @property
    def renewed(self) -> int:
        """How often the room's history was replaced since the node started."""
        return self._renewed

    @property
    def past(self) -> int:
        """The seq up to which events happened before this node knew the room; they call nobody's attention."""
        return self._past

    @property
    def ref(self) -> RoomRef:
        """The room as it is referred to."""
        return RoomRef(id=self.id, name=self.name)

    @property
    def elsewhere(self) -> Sequence[Haven]:
        """Where else guests come into the room, as `Role.elsewhere`."""
        return self._role.elsewhere

    @property
    def info(self) -> RoomInfo:
        """The room as one line of a list."""
        line = RoomInfo(
            id=self.id,
            name=self.name,
            node=self.kept.record.home,
            kind=self._role.kind,
            members=len(self.presence),
            top=self.top,
            online=self._role.online,
            fetching=self._role.fetching,
            refused=self._role.refused,
            full=self._role.full,
            shared=is_shared(self.kept.record) or self._role.shared,
            may_lose=self._role.may_lose,
            missing=self.seat.missing if self.seat and not self._role.online else [],
            alone=self.seat.alone if self.seat else False,
            owner=self.kept.record.owner,
            salt=self.kept.record.salt,
        )
        return self.door.policy.marked(line)

    def become(self, record: RoomRecord, cast: "Callable[[Room], Role]") -> Awaitable[None]:
        """Swap the role of the living room, at once; nobody in it notices but by who numbers from now on.

        Args:
            record: what the journal keeps of the room from now on; id and name are the same.
            cast: makes the new role; what is returned is the end of the former one, to be awaited.
        """
        self.kept.record = record
        former, self._role = self._role, cast(self)
        return former.close()

    def post(self, draft: Draft, *, brought: bool = False) -> asyncio.Future[Kept] | asyncio.Future[Kept | None]:
        """Take what somebody says, as `Role.post` does. New events reach everybody through the group."""
        return self._role.post(draft, brought=brought)

    def flush(self) -> None:
        """Look after what waits for the home: something waits that was said in another room."""
        self._role.flush()

    async def publish(self, events: Sequence[Event]) -> None:
        """Send events that are kept to everybody in the room, as runs that every layer can carry.

        While a mirror fetches a long history nobody is sent it, because nobody reads thousands of messages a second:
        who is here goes on near the top once everything is there.
        """
        if not self.fetching:
            for message in messages(self.id, events, self.door.policy, signed=self._links_here > 0):
                await self._layer.group_send(self.group, message)
        if self._role.copied:
            await self.receipts.advance()

    async def refuse(self, error: Error) -> None:
        """Give up the post that the room's home refused, and tell its author. Raises JournalError."""
        awaited = self.door.echoes.refused(error.nonce, error_of(error.code, error.message))
        if (draft := await self._journal.dequeue(self.id, error.nonce)) is not None and not awaited:
            await self.tell_refused(draft.author, error)

    async def tell_refused(self, author: Author, error: Error) -> None:
        """Tell somebody who is here, and nobody else, that a post of theirs was refused."""
        message = {"type": "room.refused", "room": self.id, "author": author.id, "frame": encode(error)}
        await self._layer.group_send(self.group, message)

    async def typing(self, frame: Typing) -> None:
        """Pass on that somebody is writing; what comes by another node is not sent to the home again."""
        await self._send(frame)
        if frame.node == self._node.id:
            self._role.send_home(frame)

    def relay(self, frame: Presence | Receipts | Typing) -> None:
        """Pass on what a link says of its node, where this one leads it to a Redis."""
        if is_shared(self.kept.record):
            self._role.send_home(frame)

    async def invite(self, frame: Invite) -> None:
        """Pass an invitation on to the other nodes that see the person."""
        await self._role.pass_on(frame, self.presence.nodes_of(frame.to))

    async def verify(self, frame: Verify) -> None:
        """Bring a step of a comparison of words to the person if they are here, else to the nodes that see them."""
        if frame.to in self.presence.here():
            await self._layer.group_send(VERIFICATIONS, {"type": "verify", "frame": encode(frame)})
        else:
            await self._role.pass_on(frame, self.presence.nodes_of(frame.to))

    async def announce(self, notification: Notification) -> None:
        """Tell something to the nodes that keep a mirror, if this is the home, and to nobody else in the room."""
        await self._role.announce(notification)

    async def start_over(self, *, joined: bool = False) -> None:
        """Tell everybody here that what they know of the room is not its history, or no more since it was `joined`."""
        self._renewed += 1
        await self._send(StartOver(room=self.id, top=self.top, joined=joined))

    async def move(self, room: "Room") -> None:
        """Send everybody who is here to another room."""
        await self._send(Moved(room=self.id, to=room.info))

    async def tell_policy(self) -> None:
        """Tell everybody here what holds from now on; who may not stay is sent out by that."""
        frame = encode(self.door.notice(self.id))
        await self._layer.group_send(self.group, {"type": "room.policy", "room": self.id, "frame": frame})

    async def knock(self, key: bytes, invitation: str) -> None:
        """Have a mirror's home let this node in, by a passphrase's key or an invitation. Raises RefusedError."""
        await self._role.knock(key, invitation)

    async def set_key(self, key: bytes) -> None:
        """Have the home take what the new passphrase was made into. Raises RefusedError, Unreachable."""
        await self._role.set_key(key)

    async def tell_gone(self, why: RoomError) -> None:
        """Tell everybody here that this node does not have the room any more."""
        await self._send(error_frame(why, room=self.id))

    async def line(self, text: str) -> None:
        """Send a line to those in the room who read plain text. It is not kept."""
        await self._layer.group_send(self.group, {"type": "room.line", "room": self.id, "text": text})

    async def send_to_links(self, frame: Invite | Verify | Notification, node: str) -> None:
        """Send a frame to the link of a node, or to every link in the room when `node` is empty."""
        await self._layer.group_send(self.links, {"type": "link.frame", "node": node, "frame": encode(frame)})

    def count_link(self, change: int) -> None:
        """Note that links came (1) or went (-1): only for them events are sent with what they check."""
        self._links_here += change

    def skip_past(self, seq: int) -> None:
        """Note that events up to this seq happened before this node knew the room."""
        self._past = max(self._past, seq)

    async def close(self) -> None:
        """End the role, and say no more of what is not kept."""
        await self.presence.close()
        await self.receipts.close()
        if self.seat is not None:
            await self.seat.close()
        await self._role.close()

    async def _send_to_all(self, frame: Presence | Receipts) -> None:
        """Tell everybody in the room something; what is about this node, the home as well."""
        await self._send(frame)
        if frame.node.id == self._node.id:
            self._role.send_home(frame)

    async def _send(self, frame: Error | Presence | Receipts | Typing | Moved | StartOver) -> None:
        await self._layer.group_send(self.group, {"type": "room.frame", "room": self.id, "frame": encode(frame)})
