"""A room on its way into Redis: it is numbered at its home until everything that was said is there."""

import contextlib

from msgspec.structs import replace

from lanchat.errors import CannotMove, LanchatError
from lanchat.lan.link import LinkParts
from lanchat.lan.shared.filling import Filling
from lanchat.lan.shared.moves import scripts
from lanchat.lan.shared.stream import RoomStream
from lanchat.layers import LayerError
from lanchat.protocol import MAX_PAGE
from lanchat.rooms import Room, RoomRegistry, succession

LENT = 600.0
"""Seconds for which Redis keeps what came of a room whose node says nothing more of it."""
RETIRING = 30.0
"""Most seconds in which those who decide in a room have to agree that nobody does any more, and are told so."""


class Passage:
    """Moves one room whose home is this node into Redis.

    Until the journal has it that the room is numbered in Redis, it is numbered here, whatever happens, and what lies in
    Redis is of no use to anybody. From then on it is a room in Redis that this node has to fill again, as after a loss.

    Args:
        room: the room.
        stream: its keys in Redis.
        parts: what the rooms of Redis need of the node.

    Attributes:
        brought: seq of the last event that is there.
    """

    def __init__(self, room: Room, stream: RoomStream, parts: LinkParts) -> None:
        self.brought = 0
        self._room = room
        self._stream = stream
        self._node = parts.node.id
        self._journal = parts.journal
        self._term = room.term + 1
        self._retired = False
        self._filling = Filling(room.id, stream, parts.journal, parts.doors, parts.seal, self._node)

    async def begin(self) -> None:
        """Begin. Raises CannotMove: the room is there already; LanchatError: Redis cannot be asked."""
        answer = await self._stream.run(scripts.RECEIVE, self._node, self._term, round(LENT * 1000))
        if answer != b"ok":
            raise CannotMove(
                "This Redis numbers a room of that id already, or another node brings it there."
                if answer == b"there"
                else "This Redis knows a later home of the room than this one, which has an older copy."
            )
        oldest = self._journal.oldest(self._room.id)
        self.brought = oldest - 1
        self._go_on(await self._filling.begin(self._term, oldest))

    async def bring(self) -> bool:
        """Bring the next page; False when everything is there that was said until now. Raises as `begin`."""
        count = await self._filling.page(self._term, self.brought, final=False)
        self._go_on(count is not None)
        self.brought += count or 0
        return count == MAX_PAGE

    async def end(self, rooms: RoomRegistry) -> None:
        """Let Redis number. What is said meanwhile waits.

        Args:
            rooms: those of this node.

        Raises:
            CannotMove: those who decide in the room do not agree.
            LanchatError: Redis cannot be asked, or it was not kept here; `give_up` goes on as it was.
        """
        await self._retire()
        while await self.bring():
            pass
        await self._stream.sync()
        await rooms.rehome(
            self._room, replace(self._room.record, home=succession.SHARED, term=self._term, addresses=())
        )

    async def give_up(self) -> None:
        """Let the room be where it was. Raises JournalError."""
        with contextlib.suppress(LanchatError):  # it removes itself in the end
            await self._stream.run(scripts.RETURN, self._node)
        if self._retired and self._room.seat is not None:
            await self._room.seat.resume()

    async def _retire(self) -> None:
        room, self._retired = self._room, True
        try:
            if room.seat is not None:
                await room.seat.retire(RETIRING)
        except TimeoutError:
            raise CannotMove(
                "Too many of the machines that decide in this room do not answer now, so it stays."
            ) from None
        if room.kind != "home" or room.term >= self._term:
            raise CannotMove("The room has had another home meanwhile; move it anew.")

    @staticmethod
    def _go_on(ours: bool) -> None:
        if not ours:
            raise LayerError("Redis has lost what was brought there of the room, so it stays.")
