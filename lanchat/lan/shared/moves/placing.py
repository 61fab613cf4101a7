"""Where each room of this node is numbered by now, as Redis has it: there, at a node that took it, or here."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from lanchat.journal import RoomRecord
from lanchat.lan.shared.catalogue import Catalogue
from lanchat.lan.shared.moves.departure import Departure
from lanchat.lan.shared.stream import RoomStream
from lanchat.rooms import Room, RoomRegistry, succession


class Placing:
    """Lets the rooms of this node be where they are numbered.

    It is the same after a start as while the node runs, so a move that was cut off anywhere is finished by it.

    Args:
        rooms: those of this node.
        catalogue: the list of those in Redis.
        stream: gives the keys of a room.
        node: id of this node.
        released: whether this node has everything of a room that Redis has let go.
    """

    def __init__(
        self,
        rooms: RoomRegistry,
        catalogue: Catalogue,
        stream: Callable[[str], RoomStream],
        node: str,
        released: Callable[[Room], bool],
    ) -> None:
        self._rooms = rooms
        self._catalogue = catalogue
        self._stream = stream
        self._node = node
        self._released = released

    async def settle(self, listed: Mapping[str, RoomRecord]) -> None:
        """Follow each room to where it is, and list those that are in Redis.

        Args:
            listed: the rooms that the list has.

        Raises:
            LanchatError: Redis cannot be asked, or it was not kept here.
        """
        for room in self._rooms:
            if not succession.is_shared(room.record):
                if room.id in listed:
                    await self._settle_listed(room)
            elif room.id not in listed or self._released(room):
                await self._follow(room)

    async def _follow(self, room: Room) -> None:
        """List a room, or where a node has taken it out of Redis, follow that one."""
        stream = self._stream(room.id)
        record = await Departure(stream).whither(room.record)
        if record is None:
            await self._catalogue.put(room.record, new=False)
        elif self._released(room):
            if record.home.id == self._node:
                await stream.sync()  # else a crash of Redis could have it number the room again
            await self._rooms.rehome(room, record)
            if record.home.id == self._node:
                await self._finish(room)

    async def _settle_listed(self, room: Room) -> None:
        """Find out about a room that the list has, and that is numbered elsewhere as far as this node knows.

        Where Redis numbers it this node follows, also as a home that had taken it out: Redis has forgotten that, and
        another node has filled it again. What differs is said again there.
        """
        view = await self._stream(room.id).view(room.top, 1)
        if view.state == "open":
            term = max(view.term, room.term)
            await self._rooms.rehome(room, replace(room.record, home=succession.SHARED, term=term, addresses=()))
        elif view.state == "moved" and room.kind == "home":
            await self._finish(room)

    async def _finish(self, room: Room) -> None:
        """Remove from Redis what this node has. The list goes last: by it this is gone on with after a crash."""
        await Departure(self._stream(room.id)).empty(self._node)
        await self._catalogue.drop(room.record)
