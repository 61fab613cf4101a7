"""The network of a node that shares its rooms through Redis: those rooms first, and beyond them the LAN's."""

import asyncio
from collections.abc import Sequence

from lanchat.journal import RoomRecord
from lanchat.lan.shared.moves import Strays
from lanchat.lan.shared.programs import Programs
from lanchat.lan.shared.rooms import SharedRooms
from lanchat.protocol import NodeInfo, Quorum, RoomInfo
from lanchat.rooms import Room, RoomNetwork, RoomRegistry, Upstream, succession


class SharedNetwork:
    """A `RoomNetwork`. A room that is asked for by its name is one in Redis; rooms of the LAN are entered by their id.

    Args:
        shared: the rooms in Redis.
        beyond: the rooms of other nodes.
        node: this node.
        programs: others at this Redis who may speak and hear; None for nobody.

    Attributes:
        shared: the rooms in Redis.
        strays: answers who numbers one of them elsewhere.
    """

    def __init__(
        self, shared: SharedRooms, beyond: RoomNetwork, node: NodeInfo, programs: Programs | None = None
    ) -> None:
        self.shared = shared
        self.strays = Strays(shared.stream, beyond.carry, node)
        self._beyond = beyond
        self._programs = programs

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room in Redis of that name or id, or that of that id that another node offers now."""
        return self.shared.find(name=name, room=room) or (self._beyond.find(room=room) if room else None)

    def found(self) -> list[RoomInfo]:
        """Return every room that other nodes offer now."""
        return self._beyond.found()

    async def ask(self, address: str, room: str) -> RoomRecord:
        """As `RoomNetwork.ask`."""
        return await self._beyond.ask(address, room)

    async def establish(self, record: RoomRecord) -> RoomRecord:
        """Make a new room in Redis. As `SharedRooms.establish`."""
        return await self.shared.establish(record)

    def link(self, room: Room) -> Upstream:
        """Begin the way to whoever numbers a mirror's room."""
        return (self.shared if succession.is_shared(room.record) else self._beyond).link(room)

    async def run(self, rooms: RoomRegistry) -> None:
        """Keep the rooms of this node and those in Redis the same. As `SharedRooms.run`."""
        async with asyncio.TaskGroup() as together:
            together.create_task(self.shared.run(rooms))
            if self._programs is not None:
                together.create_task(self._programs.listen(rooms))
                together.create_task(self._programs.tell())

    def address(self, host: str, port: int) -> str:
        """As `RoomNetwork.address`."""
        return self._beyond.address(host, port)

    def carry(self, room: Room, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        """As `RoomNetwork.carry`."""
        self._beyond.carry(room, node, addresses, frame)
