"""How far each node keeps a room, and how far its people have read: what a message may claim about itself."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lanchat.protocol import MAX_STEPS, NodeInfo, Receipts, encode
from lanchat.rooms.throttle import Throttle

PAUSE = 1.0
"""Seconds between two sayings."""
GATHER = 0.1
"""Seconds for which what other nodes say waits for what more of them say: all of it is one write for everybody here."""
MOST_NODES = 256
"""Most nodes that are remembered; the one that was silent for longest goes first."""
MOST_READERS = 10_000
"""Most people here whose place is remembered; the one who read nothing for longest goes first."""
MOST_BYTES = 64 * 1024
"""Most bytes that somebody who joins is told; of the others they hear when they say something again."""

T = TypeVar("T")


class RoomReceipts:
    """What is known of one room's copies and readers.

    A node always says how far it is as a whole; the next saying replaces it. What a node has kept stays kept when the
    node goes away, so it is dropped only when there are too many nodes; readers are counted and not named.

    Args:
        room: the room's id.
        node: this node.
        kept: gives the highest seq on this node's disk; of the room's home that is everything, and not said.
        send: tells everybody in the room how far one node is; of this one, the home as well.
    """

    def __init__(
        self, room: str, node: NodeInfo, kept: Callable[[], int], send: Callable[[Receipts], Awaitable[None]]
    ) -> None:
        self._room = room
        self._node = node
        self._kept = kept
        self._send = send
        self._read: dict[str, int] = {}
        self._own: Receipts | None = None
        self._said: dict[str, Receipts] = {}
        self._news: dict[str, Receipts] = {}
        self._gathering = Throttle(self._pass_on, GATHER, "How far other nodes keep and read", at_once=False)
        self._throttle = Throttle(self.announce, PAUSE, "How far a room is kept and read")

    async def read(self, person: str, seq: int) -> None:
        """Note that somebody here has read up to `seq`."""
        if seq > self._read.get(person, 0):
            _put_last(self._read, person, seq, MOST_READERS)
            await self._throttle.changed()

    async def advance(self) -> None:
        """Note that more is on this node's disk."""
        await self._throttle.changed()

    async def receive(self, frame: Receipts) -> None:
        """Take how far another node is, and pass it on soon."""
        if frame.node.id != self._node.id:
            _put_last(self._said, frame.node.id, frame, MOST_NODES)
            _put_last(self._news, frame.node.id, frame, MOST_NODES)
            await self._gathering.changed()

    async def announce(self) -> None:
        """Say how far this node is."""
        self._own = self._mine()
        await self._send(self._own)

    def frames(self) -> list[Receipts]:
        """Return how far the nodes are, as the frames that say it: this one, and the others as they spoke last."""
        own = [self._own] if self._own is not None else []
        told, size = [], 0
        for frame in (*own, *reversed(self._said.values())):
            size += len(encode(frame))
            if size > MOST_BYTES:
                break
            told.append(frame)
        return told

    async def close(self) -> None:
        """Say no more."""
        await self._throttle.close()
        await self._gathering.close()

    async def _pass_on(self) -> None:
        news, self._news = self._news, {}
        for frame in news.values():
            await self._send(frame)

    def _mine(self) -> Receipts:
        steps = sorted(Counter(self._read.values()).items(), reverse=True)
        lowest = steps[MAX_STEPS - 1 :]
        if len(lowest) > 1:  # those who are far behind are counted together, and never as further than they are
            steps[MAX_STEPS - 1 :] = [(lowest[-1][0], sum(count for _, count in lowest))]
        return Receipts(room=self._room, node=self._node, kept=self._kept(), read=steps)


def _put_last(table: dict[str, T], key: str, value: T, most: int) -> None:
    """Put a value behind all others, and let the first one go when there are too many."""
    table.pop(key, None)
    table[key] = value
    if len(table) > most:
        del table[next(iter(table))]
