"""What the seat of a room among its voters is given of the room, and of the network."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from lanchat.journal import Refused, RoomRecord
from lanchat.limits import Limits
from lanchat.protocol import Quorum, error_frame
from lanchat.rooms.network import RoomNetwork
from lanchat.rooms.quorum import TICK
from lanchat.rooms.roles import Role
from lanchat.rooms.room import Room

HAND_OVER = 2.0
"""Most seconds that a node waits at its end until others number in its place. It takes some milliseconds where machines
are idle; who goes sooner because they are busy leaves the others without a home for longer than this."""
REST = 0.5
"""Seconds between two looks at the clock as long as nobody votes in any room: then nothing is decided by it."""


class RoomHouse:
    """One room, as its seat sees it: see `quorum.House`.

    Args:
        room: the room.
        network: carries frames to other nodes.
        cast: makes the room's role.
        on_change: called when who numbers has changed.
        limits: after how long somebody's machine may vote.
    """

    def __init__(
        self,
        room: Room,
        network: RoomNetwork,
        cast: Callable[[Room], Role],
        on_change: Callable[[], None],
        limits: Limits,
    ) -> None:
        self._room = room
        self._network = network
        self._cast = cast
        self._on_change = on_change
        self._limits = limits

    @property
    def record(self) -> RoomRecord:
        """What the journal keeps of the room."""
        return self._room.record

    @property
    def linked(self) -> bool:
        """Whether the room has its home elsewhere, and that answers now."""
        return self._room.kind == "mirror" and self._room.info.online

    @property
    def patience(self) -> float:
        """Seconds without a quorum after which this node goes on by itself; 0 for never."""
        return float(self._room.door.policy.continues)

    def turn_to(self, record: RoomRecord) -> Awaitable[None]:
        """Swap the role of this node, at once; awaited is the end of the former role."""
        return self._room.become(record, self._cast)

    async def refused(self, refused: Sequence[Refused]) -> None:
        """Tell the authors of what waited and cannot be numbered."""
        for each in refused:
            error = error_frame(each.error, nonce=each.draft.nonce, room=self._room.id)
            await self._room.tell_refused(each.draft.author, error)

    def carry(self, frame: Quorum, node: str, address: str) -> None:
        """Send a frame to a node, or when that is empty to the home; it may be lost."""
        home = self.record.home.id
        node = node or home
        known = self.record.addresses if node == home else ()
        self._network.carry(self._room, node, tuple(dict.fromkeys(filter(None, (address, *known)))), frame)

    def probation(self, person: str, spoke: bool) -> float:
        """Return how many seconds somebody's machine has to be there before it may vote. As `Carrier.probation`.

        Whoever came through a door was let in, and the room's owner and moderators are known.
        """
        policy = self._room.door.policy
        if policy.door != "open" or policy.moderates(person):
            return 0.0
        return self._limits.vote_after if spoke else self._limits.vote_after_silence

    def address(self, host: str, port: int) -> str:
        """Return where somebody answers, as an address is written."""
        return self._network.address(host, port)

    async def start_over(self) -> None:
        """Tell everybody here that the room was joined with what others said: its history is not the one they know."""
        self._room.door.start_over()
        await self._room.start_over(joined=True)

    def changed(self) -> None:
        """Note that the room can be written in, or cannot any more."""
        self._on_change()


async def keep_seats(rooms: Iterable[Room]) -> None:
    """Let time pass for those who decide who numbers in some rooms. Runs until it is cancelled."""
    while True:
        votes = any(room.seat is not None and room.seat.voter is not None for room in rooms)
        await asyncio.sleep(TICK if votes else REST)
        for room in rooms:
            if room.seat is not None:
                room.seat.tick()


async def hand_over(rooms: Iterable[Room]) -> None:
    """Let other nodes number, before this one goes, what is numbered here and can be elsewhere."""
    await asyncio.gather(*(room.seat.hand_over(HAND_OVER) for room in rooms if room.seat is not None))
