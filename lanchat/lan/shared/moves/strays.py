"""Nodes outside a Redis that went on with a room of it by themselves: they are told who numbers it, and come back."""

import time
from collections.abc import Callable, Sequence

from lanchat.lan.shared.moves import scripts
from lanchat.lan.shared.stream import RoomStream
from lanchat.protocol import NodeInfo, Quorum, VoterInfo, node_of
from lanchat.rooms import Room

PAUSE = 10.0
"""Seconds between two new terms of a room, so that nobody who claims terms keeps its nodes busy."""
LEAP = 10_000
"""Most terms that one who went on may be ahead. Each who goes on alone takes one."""

Carry = Callable[[Room, str, Sequence[str], Quorum], None]
"""Sends a frame to a node of this id at these addresses; it may be lost."""


class Strays:
    """Answers nodes that say they number a room of this node that Redis numbers.

    A machine that keeps its mirror through this node may have gone on alone (`continue`), while this one was away or
    before the room was moved into Redis. As the home of a branch it calls those who decided before. Of two homes the
    one of the lower term joins, and Redis joins nobody, so it is given a higher one. Then the machine says through this
    node what Redis lacks.

    Args:
        stream: gives the keys of a room.
        carry: sends what is said.
        node: this node.
    """

    def __init__(self, stream: Callable[[str], RoomStream], carry: Carry, node: NodeInfo) -> None:
        self._stream = stream
        self._carry = carry
        self._node = node
        self._raised: dict[str, float] = {}

    async def answer(self, room: Room, frame: Quorum, address: str) -> None:
        """Say who numbers a room to somebody who says that they do.

        Args:
            room: one of Redis, at which this node is.
            frame: what they say.
            address: where they answer, as `host:port`.

        Raises:
            LayerError: Redis cannot be asked.
        """
        if frame.step != "lead" or not room.info.online:
            return
        if frame.term < room.term:
            me = VoterInfo(voter=f"{self._node.id}.{'0' * 16}", name=self._node.name)
            said = Quorum(room=room.id, step="lead", sender=me.voter, to=frame.sender, port=1, term=room.term, home=me)
            self._carry(room, node_of(frame.sender), (address,), said)
        elif frame.term - room.term <= LEAP and self._may_raise(room):
            await self._stream(room.id).run(scripts.OUTRANK, room.term, frame.term + 1)

    def _may_raise(self, room: Room) -> bool:
        now = time.monotonic()
        if now - self._raised.get(room.id, now - PAUSE) < PAUSE:
            return False
        self._raised[room.id] = now
        return True
