"""Brings Redis what this node has of a room, piece by piece: never more than a page of it is in memory."""

from lanchat.identity import Seal
from lanchat.journal import Journal
from lanchat.lan.shared.stream import RoomStream
from lanchat.protocol import MAX_PAGE
from lanchat.rooms import Doorkeeper


class Filling:
    """Fills a room in Redis that waits for this node to do so.

    Args:
        room: id of the room.
        stream: its keys in Redis.
        journal: has what is brought.
        doors: has the rules of the room.
        seal: signs what leaves this node.
        node: id of this node.
    """

    def __init__(  # noqa: PLR0917
        self, room: str, stream: RoomStream, journal: Journal, doors: Doorkeeper, seal: Seal, node: str
    ) -> None:
        self._room = room
        self._stream = stream
        self._journal = journal
        self._doors = doors
        self._seal = seal
        self._node = node

    async def begin(self, term: int, oldest: int) -> bool:
        """Bring the rules that are older than a seq; False when it is not this node's turn any more.

        Args:
            term: under which the room is filled.
            oldest: seq of the first event that follows.

        Raises:
            LanchatError: Redis, or the journal, cannot be reached.
        """
        if oldest == 1:
            return True
        rules, more = await self._doors.rules(self._room, 0)
        while more:
            page, more = await self._doors.rules(self._room, rules[-1].seq)
            rules += page
        old = [rule for rule in rules if rule.seq < oldest]
        return await self._stream.recall(self._node, term, await self._seal.all_leaving(old))

    async def page(self, term: int, place: int, *, final: bool) -> int | None:
        """Bring the next page.

        Args:
            term: under which the room is filled.
            place: seq of the last event that is there.
            final: whether the room is numbered again once nothing more follows.

        Returns:
            How many events it had, fewer than MAX_PAGE when nothing follows; None when it is not this node's turn.

        Raises:
            LanchatError: Redis, or the journal, cannot be reached.
        """
        events = await self._seal.all_leaving(await self._journal.after(self._room, place, MAX_PAGE))
        ends = final and len(events) < MAX_PAGE
        filled = await self._stream.fill(self._node, term, place + 1, events, final=ends)
        return len(events) if filled else None
