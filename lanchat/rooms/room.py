"""One conversation: posts become numbered events, events reach everybody who is in the room."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from lanchat.journal import Draft, Journal, Kept, RoomRecord
from lanchat.layers import BaseChannelLayer
from lanchat.protocol import (
    Error,
    Event,
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
    encode,
)
from lanchat.rooms.presence import RoomPresence
from lanchat.rooms.receipts import ReadState

_RUN = 256 * 1024
"""Most bytes of events in one message; layers carry up to 1 MiB, and an outbox holds half of that."""


class Upstream(Protocol):
    """The way from a mirror to the room's home."""

    @property
    def online(self) -> bool:
        """Whether the home answers now."""

    @property
    def fetching(self) -> int:
        """The home's top while the mirror is far behind and catches up with it; 0 otherwise."""

    def wake(self) -> None:
        """Look into the outbox: something waits for the home."""

    def say(self, frame: Presence | Receipts | Typing | Invite) -> None:
        """Tell the home something that is not kept; dropped when the home does not answer now."""

    async def close(self) -> None:
        """End the link."""


class Room:
    """A named conversation, at its home or as a mirror.

    Everybody in the room is in the layer's group `group`, which carries three types of message:
    `room.events` (`first`: seq of the first, `frames`: the encoded events, dense and in order),
    `room.frame` (`frame`: something not kept: presence, typing, a refusal) and
    `room.line` (`text`: a line for those who speak plain text). Links are in the group `links` as well; it carries
    `link.frame` (`frame`: for the link of `node`, or for every link when that is empty).

    Args:
        record: what the journal keeps of the room.
        node: this node.
        journal: where events are kept.
        layer: what carries them to those in the room.

    Attributes:
        upstream: the way to the home of a mirror.
        company: who is here.
        reached: how far it is kept and read.
        renewed: how often its history was replaced since the node started.
        past: events up to this seq happened before this node knew the room; they call nobody's attention.
    """

    def __init__(self, record: RoomRecord, node: NodeInfo, journal: Journal, layer: BaseChannelLayer) -> None:
        self.record = record
        self.upstream: Upstream | None = None
        self.presence = RoomPresence(record.id, node, self._tell)
        self.read_state = ReadState(record.id, node, lambda: 0 if self.is_home else self.top, self._tell)
        self.renewed = 0
        self.past = 0
        self._node = node
        self._journal = journal
        self._layer = layer

    @property
    def id(self) -> str:
        """The room's random id."""
        return self.record.id

    @property
    def name(self) -> str:
        """The room's name."""
        return self.record.name

    @property
    def is_home(self) -> bool:
        """Whether this node numbers the room."""
        return self.record.home.id == self._node.id

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
        return 0 if self.upstream is None else self.upstream.fetching

    @property
    def ref(self) -> RoomRef:
        """The room as it is spoken of."""
        return RoomRef(id=self.id, name=self.name)

    @property
    def info(self) -> RoomInfo:
        """The room as one line of a list."""
        return RoomInfo(
            id=self.id,
            name=self.name,
            node=self.record.home,
            kind="home" if self.is_home else "mirror",
            members=len(self.presence),
            top=self.top,
            online=self.upstream is None or self.upstream.online,
            fetching=self.fetching,
        )

    def post(self, draft: Draft) -> asyncio.Future[Kept] | asyncio.Future[Kept | None]:
        """Take what somebody says. Posts are numbered in the order of the calls.

        The event reaches everybody through the group, except one that was kept before: the future gives that. It gives
        None while the home has not numbered the post. It raises JournalError when the post was not kept, and NoSuchRoom
        when the room is gone.
        """
        if self.is_home:
            return self._journal.append(draft)
        waiting = self._journal.enqueue(draft)
        waiting.add_done_callback(self._wake_upstream)
        return waiting

    async def publish(self, events: Sequence[Event]) -> None:
        """Send events that are kept to everybody in the room, as runs that every layer can carry.

        While a mirror fetches a long history nobody is sent it, because nobody reads thousands of messages a second:
        who is here goes on near the top once everything is there.
        """
        if not self.fetching:
            await self._send_runs(events)
        if not self.is_home:
            await self.read_state.advance()

    async def refuse(self, error: Error) -> None:
        """Tell the author of a post that the room's home refused it."""
        await self._journal.dequeue(self.id, error.nonce)
        await self._send(error)

    async def typing(self, frame: Typing, *, from_home: bool = False) -> None:
        """Pass on that somebody is writing."""
        await self._send(frame)
        if self.upstream is not None and not from_home:
            self.upstream.say(frame)

    async def invite(self, frame: Invite) -> None:
        """Pass an invitation on to the other nodes that see the person; from a mirror it goes by way of the home."""
        others = self.presence.nodes_of(frame.to)
        if self.upstream is not None:
            if others:
                self.upstream.say(frame)
            return
        for node in others:
            await self._send_link(frame, node.id)

    async def tell_links(self, frame: Notification) -> None:
        """Tell something to the nodes that keep a mirror, and to nobody else in the room."""
        await self._send_link(frame, "")

    async def start_over(self) -> None:
        """Tell everybody here that what they know of the room is not its history any more."""
        self.renewed += 1
        await self._send(StartOver(room=self.id, top=self.top))

    async def move(self, room: "Room") -> None:
        """Send everybody who is here to another room."""
        await self._send(Moved(room=self.id, to=room.info))

    async def line(self, text: str) -> None:
        """Send a line to those in the room who speak plain text. It is not kept."""
        await self._layer.group_send(self.group, {"type": "room.line", "room": self.id, "text": text})

    async def close(self) -> None:
        """End the link, and say no more of what is not kept."""
        await self.presence.close()
        await self.read_state.close()
        if self.upstream is not None:
            await self.upstream.close()

    async def _tell(self, frame: Presence | Receipts) -> None:
        """Tell everybody in the room something; what is about this node, the home as well."""
        await self._send(frame)
        if self.upstream is not None and frame.node.id == self._node.id:
            self.upstream.say(frame)

    def _wake_upstream(self, _: object) -> None:
        if self.upstream is not None:
            self.upstream.wake()

    async def _send_runs(self, events: Sequence[Event]) -> None:
        first, size = events[0].seq, 0
        frames: list[bytes] = []
        for event in events:
            frame = encode(event)
            if frames and size + len(frame) > _RUN:
                await self._send_run(first, frames)
                first, size, frames = event.seq, 0, []
            frames.append(frame)
            size += len(frame)
        await self._send_run(first, frames)

    async def _send_run(self, first: int, frames: list[bytes]) -> None:
        await self._layer.group_send(
            self.group, {"type": "room.events", "room": self.id, "first": first, "frames": frames}
        )

    async def _send_link(self, frame: Invite | Notification, node: str) -> None:
        await self._layer.group_send(self.links, {"type": "link.frame", "node": node, "frame": encode(frame)})

    async def _send(self, frame: Presence | Receipts | Typing | Moved | StartOver | Error) -> None:
        await self._layer.group_send(self.group, {"type": "room.frame", "room": self.id, "frame": encode(frame)})
