"""What the mirrors of other nodes' rooms may take on this disk: each of them, and all of one home together.

How old what they have may get is in `rooms/retention.py`: what goes by its age makes room here.
"""

from collections.abc import Awaitable, Callable, Sequence

from lanchat.errors import LanchatError, LimitReached
from lanchat.journal import Journal
from lanchat.limits import Limits
from lanchat.protocol import Event
from lanchat.rooms import Room

ROW = 256
"""Bytes that an event takes beside what it says, about."""
_LARGEST = 32 * 1024


class Quota:
    """Counts what the mirrors of one node have. What is here is never removed for it: a full mirror fetches no more.

    Args:
        limits: how much there may be.
        journal: keeps it.
        tell: tells the owner of this node, once for each mirror that has become full.

    Attributes:
        limits: how much there may be.
    """

    def __init__(self, limits: Limits, journal: Journal, tell: Callable[[str], Awaitable[None]]) -> None:
        self.limits = limits
        self._journal = journal
        self._tell = tell
        self._rooms: dict[str, Room] = {}
        self._bytes: dict[str, int] = {}
        self._full: dict[str, int] = {}

    def add(self, room: Room) -> None:
        """Count a mirror from now on."""
        self._rooms[room.id] = room

    def remove(self, room: Room) -> None:
        """Count a mirror no more."""
        for known in (self._rooms, self._bytes, self._full):
            known.pop(room.id, None)

    def full(self, room: Room) -> bool:
        """Return whether a mirror has fetched as much as it may; not any more once something of it was removed."""
        return self._rows(room) >= self._full.get(room.id, self._rows(room) + 1)

    def check(self, room: Room) -> None:
        """Return if a mirror may fetch. Raises LimitReached."""
        if self.full(room):
            raise LimitReached(_sentence(room))

    async def begin(self, room: Room) -> None:
        """Learn how much a mirror has, before it fetches. Raises JournalError."""
        self._bytes[room.id] = ROW * self._rows(room)
        if _LARGEST * self._rows(room) > self.limits.mirror_bytes:  # else it cannot be too much, and need not be read
            self._bytes[room.id] += await self._journal.size(room.id)

    async def take(self, room: Room, events: Sequence[Event]) -> None:
        """Count events before they are kept. Raises LimitReached when they are too many or too large; none counts then.

        Args:
            room: the mirror.
            events: that its home sent.
        """
        size = sum(ROW + len(event.body.text.encode()) for event in events)
        limits, home = self.limits, room.record.home.id
        theirs = [other for other in self._rooms.values() if other.record.home.id == home]
        rows = len(events)
        if (
            self._rows(room) + rows > limits.mirror_rows
            or self._bytes.get(room.id, 0) + size > limits.mirror_bytes
            or sum(map(self._rows, theirs)) + rows > limits.home_rows
            or sum(self._bytes.get(other.id, 0) for other in theirs) + size > limits.home_bytes
        ):
            known = room.id in self._full
            self._full[room.id] = self._rows(room)
            if not known:
                await self._say(room)
            raise LimitReached(_sentence(room))
        self._bytes[room.id] = self._bytes.get(room.id, 0) + size
        self._full.pop(room.id, None)

    def _rows(self, room: Room) -> int:
        return self._journal.top(room.id) - self._journal.oldest(room.id) + 1

    async def _say(self, room: Room) -> None:
        try:
            await self._tell(_sentence(room))
        except LanchatError:
            return  # the list of rooms says it as well


def _sentence(room: Room) -> str:
    return (
        f"The copy of {room.name!r}, whose home is {room.record.home.name!r}, has as much as it may take on "
        "this machine, so nothing more of it is fetched. What is here stays. Forget the room here (lanchat forget), "
        "let older messages go (keep_days, or mirror_days in [limits]), or allow more in [limits]: mirror_rows, "
        "mirror_bytes, home_rows, home_bytes."
    )
