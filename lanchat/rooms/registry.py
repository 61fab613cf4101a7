"""The rooms of this node: found by name or id, opened on demand, mirrored from the network."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from lanchat.errors import LanchatError, NoSuchRoom
from lanchat.identity import names
from lanchat.journal import Journal, RoomRecord
from lanchat.layers import BaseChannelLayer
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications
from lanchat.protocol import HEARTBEAT, Event, NodeInfo, Notification, RoomInfo
from lanchat.rooms.room import Room, Upstream

_log = logging.getLogger(__name__)

DEFAULT_ROOM = "general"
"""The room that a node opens when it finds none."""


class RoomNetwork(Protocol):
    """What other nodes offer."""

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the busiest room of that name, or the room of that id, that another node offers now."""

    def found(self) -> list[RoomInfo]:
        """Return every room that other nodes offer now."""

    def link(self, room: Room) -> Upstream:
        """Begin a link to the home of a mirror."""


class RoomRegistry:
    """All rooms with their home or a mirror here.

    Args:
        node: this node.
        journal: where events are kept; publish its commits through `publish`.
        layer: what carries events to those in a room.
        on_change: called when the list of rooms, or who is in them, changed.
        notifications: tells people that a message calls them.
        count: counts the rooms that come.
    """

    def __init__(
        self,
        node: NodeInfo,
        journal: Journal,
        layer: BaseChannelLayer,
        on_change: Callable[[], None],
        notifications: Notifications,
        *,
        count: Count = uncounted,
    ) -> None:
        self.network: RoomNetwork | None = None
        self._node = node
        self._journal = journal
        self._layer = layer
        self._changed = on_change
        self._notifications = notifications
        self._count = count
        self._rooms: dict[str, Room] = {}
        self._opening = asyncio.Lock()

    def __iter__(self) -> Iterator[Room]:
        return iter(tuple(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    async def load(self) -> None:
        """Bring back the rooms that the journal keeps, and link the mirrors."""
        for record in await self._journal.rooms():
            self._add(record)

    def get(self, room: str) -> Room:
        """Return the room with this id. Raises NoSuchRoom."""
        found = self._rooms.get(room)
        if found is None:
            raise NoSuchRoom
        return found

    def here(self, name: str) -> Room | None:
        """Return the room of this name on this node; one that has its home here goes before a mirror."""
        named = [room for room in self if room.name == name]
        return next((room for room in named if room.is_home), named[0] if named else None)

    async def open(self, name: str, *, create: bool = True) -> Room:
        """Return the room of this name: on this node, else a mirror of the network's busiest, else a new one.

        Raises:
            InvalidRoomName: no room can have this name.
            NoSuchRoom: there is none, and none is to be made.
        """
        name = names.room_name(name)
        async with self._opening:
            if room := self.here(name):
                return room
            if self.network and (record := self.network.find(name=name)) and record.id not in self._rooms:
                return await self._put(record)
            if not create:
                raise NoSuchRoom(f"There is no room called {name!r} here or on the network.")
            return await self._put(self._new(name))

    async def enter(self, room: str) -> Room:
        """Return the room with this id, as a mirror when only the network has it. Raises NoSuchRoom."""
        async with self._opening:
            if room in self._rooms:
                return self._rooms[room]
            if self.network and (record := self.network.find(room=room)):
                return await self._put(record)
        raise NoSuchRoom("This room is not on this node, and nobody on the network offers it now.")

    async def settle(self, room: str, name: str) -> Room:
        """Return the room with this id, or make one of that id and name that has its home here."""
        async with self._opening:
            return self._rooms.get(room) or await self._put(RoomRecord(id=room, name=name, home=self._node))

    async def open_first(self) -> Room:
        """Return the room for somebody who asked for none: the network's busiest, else `general`, opened by itself."""
        found = self.network.found() if self.network else []
        with contextlib.suppress(NoSuchRoom):
            if found:
                return await self.enter(max(found, key=lambda info: (info.members, info.id)).id)
        async with self._opening:
            return self.here(DEFAULT_ROOM) or await self._put(self._new(DEFAULT_ROOM, opened_itself=True))

    async def yield_to(self, mine: Room, room: str) -> None:
        """Give up a room that may yield, in favour of another node's with this id; those who are in it move there."""
        async with self._opening:
            if self._rooms.get(mine.id) is not mine or not self.may_yield(mine) or not self.network:
                return
            record = self.network.find(room=room)
            known = self._rooms.get(room)
            if record is None or (known is not None and known.is_home):
                return
            if not await self._journal.replace_room(mine.id, record):
                return
            del self._rooms[mine.id]
            await mine.close()
            await mine.move(known or self._add(record))
            self._changed()

    def may_yield(self, room: Room) -> bool:
        """Whether nothing was said in the room, and it opened by itself or is a mirror without its home."""
        return room.top == 0 and (room.record.opened_itself if room.is_home else not room.info.online)

    async def forget(self, room: Room) -> None:
        """Delete a room and everything said in it from this node."""
        async with self._opening:
            self._rooms.pop(room.id, None)
            await room.close()
            await self._journal.delete_room(room.id)
        self._changed()

    async def publish(self, room: str, events: Sequence[Event]) -> None:
        """Send what the journal has just kept to everybody in its room, and tell those whom it calls."""
        if found := self._rooms.get(room):
            await found.publish(events)
            for event in events:
                if "@" in event.body.text and event.kind == "message" and event.seq > found.past:
                    await self._notifications.mention(event, found.ref, found.presence.people.everybody())

    async def tell_links(self, told: Notification) -> None:
        """Tell something to every node that keeps a mirror of a room whose home is here."""
        for room in self:
            if room.is_home:
                await room.tell_links(told)

    async def keep_present(self) -> None:
        """Say every HEARTBEAT seconds who is here, and drop nodes that fell silent. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            for room in self:
                try:
                    await room.presence.announce()
                    if await room.presence.expire():
                        self._changed()
                except LanchatError as error:
                    # A layer that cannot carry it now may carry the next one.
                    _log.warning("Who is in room %r could not be announced: %s", room.name, error)

    async def close(self) -> None:
        """End all rooms' work."""
        await asyncio.gather(*(room.close() for room in self))

    def changed(self) -> None:
        """Note that who is in a room has changed."""
        self._changed()

    def _new(self, name: str, *, opened_itself: bool = False) -> RoomRecord:
        return RoomRecord(id=secrets.token_hex(16), name=name, home=self._node, opened_itself=opened_itself)

    async def _put(self, record: RoomRecord) -> Room:
        await self._journal.put_room(record)
        room = self._add(record)
        self._count("rooms_opened", label="home" if room.is_home else "mirror")
        self._changed()
        return room

    def _add(self, record: RoomRecord) -> Room:
        room = self._rooms[record.id] = Room(record, self._node, self._journal, self._layer)
        if not room.is_home and self.network:
            room.upstream = self.network.link(room)
        return room
