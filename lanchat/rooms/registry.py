"""The rooms of this node: found by name or id, opened on demand, mirrored from the network."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence

from lanchat.errors import JournalError, NoSuchRoom
from lanchat.identity import names, shown
from lanchat.journal import Journal, Logged, RoomRecord
from lanchat.layers import BaseChannelLayer
from lanchat.limits import Addresses, Limits
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications
from lanchat.protocol import Event, NodeInfo, Notification
from lanchat.rooms import succession
from lanchat.rooms.access import Asking, anybody, finds
from lanchat.rooms.casting import Casting
from lanchat.rooms.door import Doorkeeper
from lanchat.rooms.network import ALONE, RoomNetwork
from lanchat.rooms.room import Room
from lanchat.rooms.uniting import Heir, Successors, hand_on

_log = logging.getLogger(__name__)

DEFAULT_ROOM = "general"
"""The room that a node opens when it finds none."""


class RoomRegistry:
    """All rooms with their home or a mirror here.

    Args:
        node: this node.
        journal: where events are kept; publish its commits through `publish`.
        layer: what carries events to those in a room.
        on_change: called when the list of rooms, or who is in them, changed.
        notifications: tells people that a message calls them.
        network: the rooms of other nodes; by default there are none.
        count: counts the rooms that come.
        addresses: counts the rooms that others make.
        doors: keeps their doors.
        limits: after how long somebody's machine may vote.

    Attributes:
        moves: where people of rooms are to go that are not here any more.
    """

    def __init__(
        self,
        node: NodeInfo,
        journal: Journal,
        layer: BaseChannelLayer,
        on_change: Callable[[], None],
        notifications: Notifications,
        *,
        network: RoomNetwork = ALONE,
        count: Count = uncounted,
        addresses: Addresses | None = None,
        doors: Doorkeeper | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._node = node
        self._journal = journal
        self._layer = layer
        self._network = network
        self._on_change = on_change
        self._notifications = notifications
        self._count = count
        limits = limits or Limits()
        self._addresses = addresses or Addresses(limits)
        self._casting = Casting(node, journal, network, on_change, limits)
        self._doors = doors or Doorkeeper(journal.doors)
        self._rooms: dict[str, Room] = {}
        self.moves = Successors(self._rooms)
        self._opening = asyncio.Lock()
        journal.ledgers.on_logged = self._logged

    def __iter__(self) -> Iterator[Room]:
        return iter(tuple(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    async def load(self, *, brought_back: bool = False) -> None:
        """Bring back the rooms that the journal keeps, and link the mirrors.

        Args:
            brought_back: whether the journal may be an older copy, or lack something.
        """
        kept, voting = await self._journal.rooms(), await self._journal.ledgers.rooms()
        records = [succession.settled(record, self._node, self._doors.owner) for record in kept]
        await self._doors.load(records)
        for former, record in zip(kept, records, strict=True):
            room = self._add(record)
            if record != former:
                with contextlib.suppress(JournalError):  # it is the same again at the next start
                    await self._journal.put_room(record)
            if room.door.policy.deleted is not None:  # we were ended between the word and the deed
                with contextlib.suppress(JournalError):
                    await self.forget(room)
                continue
            if room.seat is not None and room.id in voting:
                await room.seat.restore(brought_back=brought_back)

    def get(self, room: str) -> Room:
        """Return the room with this id. Raises NoSuchRoom, RoomDeleted."""
        found = self._rooms.get(room)
        if found is None:
            raise self._doors.graves.missing(room)
        return found

    def here(self, name: str, may: Asking = anybody) -> Room | None:
        """Return the room of this name on this node; one that has its home here goes before a mirror. As `open`."""
        named = [room for room in self if room.name == name and finds(may, room.id)]
        return next((room for room in named if room.kind == "home"), named[0] if named else None)

    async def open(self, name: str, *, create: bool = True, maker: str = "", may: Asking = anybody) -> Room:
        """Return the room of this name: on this node, else a mirror of one on the network, else a new one.

        Args:
            name: how it is called.
            create: whether it may be made.
            maker: address of who asks; empty for the person whose node it is.
            may: asks the gate whether they may `find` a room of this node by its name, or have it `mirror` one.

        Raises:
            InvalidRoomName: no room can have this name.
            LimitReached: there are too many rooms to make one more.
            NoSuchRoom: there is none, and none is to be made.
        """
        name = names.room_name(name)
        async with self._opening:
            if room := self.here(name, may):
                return room
            if (record := self._network.find(name=name)) and record.id not in self._rooms:
                return await self._bring(record, maker, may)
            if not create:
                raise NoSuchRoom(f"There is no room called {name!r} here or on the network.")
            return await self._establish(name, maker)

    async def enter(self, room: str, *, address: str = "", maker: str = "", may: Asking = anybody) -> Room:
        """Return the room with this id, as a mirror when only the network has it: as `open`.

        Args:
            room: its id.
            address: where its home is, when nobody lists the room.
            maker: as in `open`.
            may: as in `open`.

        Raises:
            NoSuchRoom, Unreachable, LimitReached: nobody offers it, or there are too many rooms.
        """
        async with self._opening:
            if room in self._rooms:
                return self._rooms[room]
            if record := self._network.find(room=room):
                return await self._bring(record, maker, may)
            if address:
                may("mirror", room)
                return await self._put(await self._network.ask(address, room), maker)
            if other := self.moves.successor(room):
                return other
        raise NoSuchRoom("This room is not on this node, and nobody on the network offers it now.")

    async def settle(self, record: RoomRecord) -> Room:
        """Return the room of this id, or make it as the record says."""
        async with self._opening:
            return self._rooms.get(record.id) or await self._put(record)

    async def open_first(self) -> Room:
        """Return the room for somebody who asked for none: `general`, of the network, else a new one."""
        async with self._opening:
            if room := self.here(DEFAULT_ROOM):
                return room
            if (record := self._network.find(name=DEFAULT_ROOM)) and record.id not in self._rooms:
                return await self._put(record)
            return await self._establish(DEFAULT_ROOM)

    async def continue_here(self, room: Room) -> None:
        """Go on with a room at this node, though those who decide cannot be reached; nobody in it has to reconnect.

        Raises:
            JournalError: it was not kept, and everything is as it was.
        """
        if room.seat is not None:
            await room.seat.claim()

    async def rehome(self, room: Room, record: RoomRecord) -> None:
        """Let a room be numbered as another record says; nobody in it has to reconnect. As `Casting.rehome`."""
        async with self._opening:
            if self.get(room.id) is room:
                await self._casting.rehome(room, record)

    async def give_way(self, mine: Room, room: str) -> None:
        """Give up a room in which nobody has spoken for another node's of its name."""
        async with self._opening:
            record, known = self._network.find(room=room), self._rooms.get(room)
            gone = self._rooms.get(mine.id) is not mine or (mine.kind == "mirror" and mine.info.online)
            if gone or record is None or (known is not None and known.kind == "home"):
                return
            if await self._journal.replace_room(mine.id, record):
                await self._move(mine, known or self._add(record))

    async def go_on_as(self, mine: Room, heir: Heir) -> None:
        """Let a room go on as another, with its people and its words. Raises JournalError, LimitReached: not yet."""
        async with self._opening:
            if self._rooms.get(mine.id) is mine:
                other = self._rooms.get(heir.record.id) or await self._put(heir.record)
                await hand_on(mine, other, heir, self._journal)
                await self._move(mine, other)

    async def forget(self, room: Room) -> None:
        """Delete a room and everything said in it from this node; whoever is in it is told. Raises JournalError."""
        async with self._opening:
            self._rooms.pop(room.id, None)
            await room.close()
            await self._journal.delete_room(room.id)
            await room.tell_gone(self._doors.graves.missing(room.id))
            self._doors.forget(room.id)
        self._on_change()

    async def publish(self, room: str, events: Sequence[Event]) -> None:
        """Send what the journal has just kept to everybody in its room, and tell those whom it calls."""
        if found := self._rooms.get(room):
            await found.publish(events)
            for event in events:
                if event.kind == "rule":
                    await self._follow_rule(found, event)
            said = [event for event in events if event.kind == "message" and event.seq > found.past]
            calling = [shown(event) for event in said if "@" in event.body.text and not event.body.origin]
            await self._notifications.mention(calling, found.ref, found.presence.people.everybody())

    async def announce(self, notification: Notification) -> None:
        """Tell something to every node that keeps a mirror of a room whose home is here."""
        for room in self:
            await room.announce(notification)

    async def close(self) -> None:
        """End all rooms' work."""
        self._doors.close()
        await asyncio.gather(*(room.close() for room in self))

    def changed(self) -> None:
        """Note that who is in a room has changed."""
        self._on_change()

    async def _move(self, mine: Room, other: Room) -> None:
        """Be in another room in place of one of which the journal knows nothing more."""
        del self._rooms[mine.id]
        self.moves.note(mine.id, other.id)
        self._doors.forget(mine.id)
        await mine.close()
        other.flush()
        await mine.move(other)
        self._on_change()

    async def _follow_rule(self, room: Room, event: Event) -> None:
        """Let a rule hold that was kept just now, here and for everybody in the room."""
        rule = self._doors.take(room.id, event, home=room.kind == "home")
        if rule is not None and not rule.of_entry:
            await room.tell_policy()
            self._on_change()

    async def _establish(self, name: str, maker: str = "") -> Room:
        """Make a room that is new, or bring the one of its name that somebody else has made meanwhile."""
        record = await self._network.establish(succession.found(name, self._node, self._doors.owner))
        return self._rooms.get(record.id) or await self._put(record, maker)

    async def _bring(self, record: RoomRecord, maker: str, may: Asking) -> Room:
        """Have a mirror of a room for somebody; one in Redis is here in a moment whether anybody asks for it or not."""
        if succession.is_shared(record):
            return await self._put(record)
        may("mirror", record.id)
        return await self._put(record, maker)

    async def _put(self, record: RoomRecord, maker: str = "") -> Room:
        self._addresses.charge_room(maker, len(self._rooms))
        await self._journal.put_room(record)
        self._addresses.traces.made(maker, record.id)
        room = self._add(record)
        self._count("rooms_opened", label=room.kind)
        self._on_change()
        return room

    def _add(self, record: RoomRecord) -> Room:
        record = succession.settled(record, self._node, self._doors.owner)
        door, cast = self._doors.add(record), self._casting
        room = Room(record, self._node, self._journal, self._layer, cast.role, door=door, seat=cast.seat)
        self._rooms[record.id] = room
        return room

    def _logged(self, room: str, entries: list[Logged]) -> None:
        if (found := self._rooms.get(room)) and found.seat is not None:
            found.seat.logged(entries)
