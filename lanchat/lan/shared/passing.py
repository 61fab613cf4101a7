"""What is sent to the topic of a shared room, and nobody keeps: when to look, who is there, who types, who has read."""

import logging
import time
from collections import deque
from collections.abc import Callable

from lanchat.errors import LanchatError
from lanchat.lan.link import Inflow, checked
from lanchat.metrics import Count
from lanchat.protocol import Invite, NodeInfo, Presence, Receipts, Typing, Verify, decode_reply, encode
from lanchat.rooms import Access, Room

_log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds after which a node looks into Redis in any case: a hint may have been missed."""
WAKE = b"wake"
"""A hint that there is something to look for, with a space and the seq up to which it goes, where that is known."""
_DIGITS = 15
_ANYTHING = 2**53
_FRAMES = 256
"""Most frames of other nodes that wait; the oldest go first."""
_PASSING = (Presence, Receipts, Typing, Invite, Verify)


class TopicHints:
    """Knows whether Redis may have something that this node lacks. A hint at what is here already is passed over.

    Args:
        clock: gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._unsure = True
        self._heard = 0
        self._until = 0.0

    def hear(self, body: bytes) -> bool:
        """Take what came by the topic; False when it is no hint. One that lies makes a node look once, for nothing."""
        word, _, seq = body.partition(b" ")
        if word != WAKE:
            return False
        known = seq.isdigit() and len(seq) <= _DIGITS
        self._heard = max(self._heard, int(seq) if known else _ANYTHING)
        return True

    def anything(self) -> None:
        """Note that nobody knows what there may be."""
        self._unsure = True

    def due(self, top: int) -> bool:
        """Return whether it is time to look, for a node that has everything up to a seq."""
        return self._unsure or self._heard > top or self._clock() >= self._until

    def looking(self) -> None:
        """Note that the node begins to look: what it hears meanwhile may be more than it finds."""
        self._unsure, self._heard = True, 0

    def looked(self) -> None:
        """Note that it has everything that it found."""
        self._unsure, self._until = False, self._clock() + LOOK


class Passing:
    """Takes what is published to the topic of a room, and writes what this node says there.

    Args:
        room: the mirror.
        node: this node.
        inflow: hands it on.
        access: the gate; knows whose node this is.
        count: counts what is refused.

    Attributes:
        hints: whether there may be something to look for.
    """

    def __init__(self, room: Room, node: NodeInfo, inflow: Inflow, access: Access, count: Count) -> None:
        self._room = room
        self._node = node
        self._inflow = inflow
        self._access = access
        self._count = count
        self.hints = TopicHints()
        self._frames: deque[bytes] = deque(maxlen=_FRAMES)

    def hear(self, body: bytes) -> None:
        """Keep what came by the topic until it is taken."""
        if not self.hints.hear(body):
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
