"""Where each room of this node is numbered by now, as Redis has it: there, at a node that took it, or here."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from lanchat.journal import RoomRecord
from lanchat.lan.shared.catalogue import Catalogue
from lanchat.lan.shared.moves.departure import Departure, RoomHome
from lanchat.lan.shared.stream import RoomStream
from lanchat.rooms import Room, RoomRegistry, succession


class Placing:
    """Lets the rooms of this node be where they are numbered.

    It is the same after a start as while the node runs, so a move that was cut off anywhere is finished by it.

    Args:
        rooms: those of this node.
        catalogue: the list of those in Redis.
        stream: gives the keys of a room.
        home: gives this node as the home of a room.
        released: whether this node has everything of a room that Redis has let go.
    """

    def __init__(
        self,
        rooms: RoomRegistry,
        catalogue: Catalogue,
        stream: Callable[[str], RoomStream],
        home: Callable[[], RoomHome],
        released: Callable[[Room], bool],
    ) -> None:
        self._rooms = rooms
        self._catalogue = catalogue
        self._stream = stream
        self._home = home
        self._released = released
        self._left: dict[str, int] = {}

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
            here = record.home.id == self._home().id
            if here:
                await stream.sync()  # else a crash of Redis could have it number the room again
            await self._rooms.rehome(room, record)
            self._left[room.id] = record.term
            if here:
                await self._finish(room)

    async def _settle_listed(self, room: Room) -> None:
        """Find out about a room that the list has, and that is numbered elsewhere as far as this node knows.

        A replica that took over, or a Redis that was started again, may have forgotten that it let go of the room. As
        long as its term is a former one nobody has said anything there since, and the home says so once more. Where it
        numbers the room this node follows, also as a home that had taken it out: another node has filled it again.
        What differs is said again there.
        """
        stream = self._stream(room.id)
        view = await stream.view(room.top, 1)
        if view.state == "moved":
            if room.kind == "home":
                await self._finish(room)
        elif view.term < self._left.get(room.id, 0):
            if room.kind == "home":
                await Departure(stream).insist(room.term, self._home())
        elif view.state == "open":
            term = max(view.term, room.term)
            await self._rooms.rehome(room, replace(room.record, home=succession.SHARED, term=term, addresses=()))
            self._left.pop(room.id, None)

    async def _finish(self, room: Room) -> None:
        """Remove from Redis what this node has. The list goes last: by it this is gone on with after a crash."""
        departure, home = Departure(self._stream(room.id)), self._home()
        if not await departure.empty(home.id):
            await departure.insist(room.term, home)
            if not await departure.empty(home.id):
                return
        await self._catalogue.drop(room.record)
