"""What other nodes say of a shared room that nobody keeps: who is there, who types, how far they have read."""

import logging
from collections import deque

from lanchat.errors import LanchatError
from lanchat.lan.link import Inflow, checked
from lanchat.metrics import Count
from lanchat.protocol import Invite, NodeInfo, Presence, Receipts, Typing, Verify, decode_reply, encode
from lanchat.rooms import Access, Room

_log = logging.getLogger(__name__)

_FRAMES = 256
"""Most frames of other nodes that wait; the oldest go first."""
_PASSING = (Presence, Receipts, Typing, Invite, Verify)


class Passing:
    """Takes what other nodes publish to the topic of a room, and writes what this one does.

    Args:
        room: the mirror.
        node: this node.
        inflow: hands it on.
        access: the gate; knows whose node this is.
        count: counts what is refused.
    """

    def __init__(self, room: Room, node: NodeInfo, inflow: Inflow, access: Access, count: Count) -> None:
        self._room = room
        self._node = node
        self._inflow = inflow
        self._access = access
        self._count = count
        self._frames: deque[bytes] = deque(maxlen=_FRAMES)

    def hear(self, body: bytes) -> None:
        """Keep what came by the topic until it is taken."""
        self._frames.append(body)

    def written(self, frame: Presence | Receipts | Typing | Invite | Verify) -> bytes:
        """Return a frame as it is published: behind the id of this node, which passes over its own."""
        return self._node.id.encode() + b" " + encode(frame)

    async def take(self) -> None:
        """Hand on what was heard. What is no frame of a node is counted and passed over."""
        while self._frames:
            sender, _, frame = self._frames.popleft().partition(b" ")
            if sender == self._node.id.encode():
                continue
            try:
                said = decode_reply(frame)
                taken = checked(said, self._room.id, self._access.owner) if isinstance(said, _PASSING) else None
                if taken is not None:
                    await self._inflow.take(taken)
            except LanchatError as error:
                self._count("shared_refused")
                _log.info("What was sent to the shared room %r is passed over: %s", self._room.name, error)
