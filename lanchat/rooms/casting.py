"""Which role this node has in each room, and the seat that goes with it."""

from collections.abc import Callable

from lanchat.journal import ALL, FIRST, Journal, Refused, RoomRecord
from lanchat.limits import Limits
from lanchat.protocol import NodeInfo
from lanchat.rooms import succession
from lanchat.rooms.house import RoomHouse
from lanchat.rooms.network import RoomNetwork
from lanchat.rooms.quorum import Seat
from lanchat.rooms.roles import Home, Mirror, Role
from lanchat.rooms.room import Room


class Casting:
    """Makes roles and seats.

    Args:
        node: this node.
        journal: where events are kept.
        network: the rooms of other nodes.
        on_change: called when who numbers has changed.
        limits: after how long somebody's machine may vote.
    """

    def __init__(
        self, node: NodeInfo, journal: Journal, network: RoomNetwork, on_change: Callable[[], None], limits: Limits
    ) -> None:
        self._node = node
        self._journal = journal
        self._network = network
        self._on_change = on_change
        self._limits = limits

    def role(self, room: Room) -> Role:
        """Return the role that this node has in a room."""
        if succession.is_home(room.record, self._node):
            return Home(self._journal, room.send_to_links, room.seat)
        return Mirror(room.id, self._journal, self._network.link(room))

    def seat(self, room: Room) -> Seat | None:
        """Return the seat among those who decide who numbers a room; None where a Redis does."""
        return None if succession.is_shared(room.record) else Seat(self._house(room), self._node, self._journal)

    async def rehome(self, room: Room, record: RoomRecord) -> None:
        """Let a room be numbered as another record says; nobody in it has to reconnect, and nobody votes any more.

        What waits is numbered where this node is home from now on, and goes to the new home where it is not.

        Raises:
            JournalError: it was not kept, and everything is as it was.
        """
        ledgers, here = self._journal.ledgers, succession.is_home(record, self._node)
        refused, place = await (self._take(record) if here else self._leave(record))
        # What follows begins in one turn of the loop, so that each post is for the one home or for the other.
        rest = ledgers.number_waiting(room.id, place, most=ALL) if here else None
        former, room.kept.record = room.seat, record
        room.seat = self.seat(room)
        await room.become(record, self.role)
        if former is not None:
            await former.close()
        await self._house(room).refused([*refused, *((await rest).refused if rest is not None else ())])
        room.flush()
        self._on_change()

    async def _take(self, record: RoomRecord) -> tuple[list[Refused], int]:
        """Be home by the journal, and number what waits; gives what cannot be, and where the rest waits."""
        numbered = await self._journal.ledgers.take(record)
        refused = numbered.refused
        while numbered.more:
            numbered = await self._journal.ledgers.number_waiting(record.id, numbered.place)
            refused += numbered.refused
        return refused, numbered.place

    async def _leave(self, record: RoomRecord) -> tuple[list[Refused], int]:
        """Follow another home by the journal, to which everything goes that waits."""
        await self._journal.ledgers.leave(record)
        return [], FIRST

    def _house(self, room: Room) -> RoomHouse:
        return RoomHouse(room, self._network, self.role, self._on_change, self._limits)
