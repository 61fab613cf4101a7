"""One conversation: posts become numbered events, events reach everybody who is in the room."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from lanchat.chat.codec import encode
from lanchat.chat.journal import Draft, Journal, Kept, RoomRecord
from lanchat.chat.presence import Presence as People
from lanchat.chat.protocol import Author, Error, Event, Moved, NodeInfo, Presence, RoomInfo, Typing
from lanchat.layers import BaseChannelLayer


class Upstream(Protocol):
    """The way from a mirror to the room's home."""

    @property
    def online(self) -> bool:
        """Whether the home answers now."""

    def wake(self) -> None:
        """Look into the outbox: something waits for the home."""

    def say(self, frame: Presence | Typing) -> None:
        """Tell the home something that is not kept; dropped when the home does not answer now."""

    async def close(self) -> None:
        """End the link."""


class Room:
    """A named conversation, at its home or as a mirror.

    Everybody in the room is in the layer's group `group`, which carries three types of message:
    `room.events` (`first`: seq of the first, `frames`: the encoded events, dense and in order),
    `room.frame` (`frame`: something not kept: presence, typing, a refusal) and
    `room.line` (`text`: a line for those who speak plain text).

    Args:
        record: what the journal keeps of the room.
        node: this node.
        journal: where events are kept.
        layer: what carries them to those in the room.
    """

    def __init__(self, record: RoomRecord, node: NodeInfo, journal: Journal, layer: BaseChannelLayer) -> None:
        self.record = record
        self.upstream: Upstream | None = None
        self.people = People()
        self._node = node
        self._journal = journal
        self._layer = layer
        self._here: dict[str, Author] = {}

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
    def top(self) -> int:
        """The highest seq kept here."""
        return self._journal.top(self.id)

    @property
    def info(self) -> RoomInfo:
        """The room as one line of a list."""
        return RoomInfo(
            id=self.id,
            name=self.name,
            node=self.record.home,
            kind="home" if self.is_home else "mirror",
            members=len(self.people),
            top=self.top,
            online=self.upstream is None or self.upstream.online,
        )

    def post(self, draft: Draft) -> asyncio.Future[Kept] | asyncio.Future[Kept | None]:
        """Take what somebody says. Posts are numbered in the order of the calls.

        The event reaches everybody through the group, except one that was kept before: the future gives that. It gives
        None while the home has not numbered the post. It raises JournalError when the post was not kept, and NoSuchRoom
        when the room is gone.
        """
        if self.is_home:
            return self._journal.append(draft)
        waiting = self._journal.put_out(draft)
        waiting.add_done_callback(self._wake_upstream)
        return waiting

    async def publish(self, events: Sequence[Event]) -> None:
        """Send events that are kept to everybody in the room."""
        frames = [encode(event) for event in events]
        await self._layer.group_send(
            self.group, {"type": "room.events", "room": self.id, "first": events[0].seq, "frames": frames}
        )

    async def refuse(self, error: Error) -> None:
        """Tell the author of a post that the room's home refused it."""
        await self._journal.take_out(self.id, error.nonce)
        await self._send(error)

    async def enter(self, key: str, author: Author) -> bool:
        """Note that `author` is here through the connection `key`; True when that changes who is here."""
        self._here[key] = author
        return await self.announce()

    async def leave(self, key: str) -> bool:
        """Note that the connection `key` is gone; True when that changes who is here."""
        if self._here.pop(key, None) is None:
            return False
        return await self.announce()

    async def announce(self, *, always: bool = False) -> bool:
        """Say who is here through this node, when it changed or `always`; True when it changed."""
        frame = Presence(room=self.id, node=self._node, members=self._members())
        changed = self.people.replace(self._node, frame.members, time.monotonic())
        if changed or (always and frame.members):
            await self._send(frame)
            if self.upstream is not None:
                self.upstream.say(frame)
        return changed

    async def hear(self, frame: Presence) -> bool:
        """Take what another node says of who is there, and pass it on; True when that changes who is here."""
        if frame.node.id == self._node.id:
            return False
        changed = self.people.replace(frame.node, frame.members, time.monotonic())
        await self._send(frame)
        return changed

    async def lose_others(self) -> None:
        """Drop everybody who is here through other nodes, because the home cannot be reached."""
        for presence in self.presences():
            if presence.node.id != self._node.id:
                await self.hear(Presence(room=self.id, node=presence.node, members=[]))

    async def expire(self) -> bool:
        """Drop nodes that were silent for too long; True when there were any."""
        silent = self.people.expire(time.monotonic(), keep=self._node.id)
        for node in silent:
            await self._send(Presence(room=self.id, node=node, members=[]))
        return bool(silent)

    async def typing(self, frame: Typing, *, from_home: bool = False) -> None:
        """Pass on that somebody is writing."""
        await self._send(frame)
        if self.upstream is not None and not from_home:
            self.upstream.say(frame)

    async def move(self, room: "Room") -> None:
        """Send everybody who is here to another room."""
        await self._send(Moved(room=self.id, to=room.info))

    async def line(self, text: str) -> None:
        """Send a line to those in the room who speak plain text. It is not kept."""
        await self._layer.group_send(self.group, {"type": "room.line", "room": self.id, "text": text})

    def presences(self) -> list[Presence]:
        """Give who is here, node by node, as the frames that say it."""
        return [Presence(room=self.id, node=node, members=list(members)) for node, members in self.people.sets()]

    def _wake_upstream(self, _: object) -> None:
        if self.upstream is not None:
            self.upstream.wake()

    def _members(self) -> list[Author]:
        return list({author.id: author for author in self._here.values()}.values())

    async def _send(self, frame: Presence | Typing | Moved | Error) -> None:
        await self._layer.group_send(self.group, {"type": "room.frame", "room": self.id, "frame": encode(frame)})
