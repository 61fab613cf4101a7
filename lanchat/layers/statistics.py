"""What a layer has counted."""

import logging
from typing import NamedTuple

from lanchat.layers.throttled_log import ThrottledLog

_log = logging.getLogger(__name__)


class Statistics(NamedTuple):
    """Counts since the layer was made, of this process only.

    Attributes:
        sent: messages that the layer took.
        received: deliveries, to a receiver or into a mailbox; a message for three members counts three times.
        dropped: deliveries that were not made: a mailbox or a process's queue was full, or nobody was there. A send
            that raised ChannelFull is none; its caller knows.
        expired: messages that were too old when somebody could have had them.
        poisoned: what came from a server and is no message, or a key that holds something else.
        reconnects: how often a reading connection came back after it was lost.
    """

    sent: int = 0
    received: int = 0
    dropped: int = 0
    expired: int = 0
    poisoned: int = 0
    reconnects: int = 0


class Counters:
    """The same, while it is counted; losses get a line of the log, each kind at most one in ten seconds."""

    def __init__(self) -> None:
        self.sent = self.received = self.dropped = self.expired = self.poisoned = self.reconnects = 0
        self._full = ThrottledLog(_log, logging.WARNING, "The channel %s is full; messages to it are dropped")
        self._missed = ThrottledLog(_log, logging.INFO, "%s of %s channels over capacity in group %s")

    def drop(self, channel: str, count: int = 1) -> None:
        """Count messages for which `channel` has no room."""
        self.dropped += count
        self._full(channel)

    def miss(self, members: int, of: int, group: str) -> None:
        """Count members of `group` that had no room for a message. The line is that of Django Channels."""
        if members:
            self.dropped += members
            self._missed(members, of, group)

    def snapshot(self) -> Statistics:
        """Return the counts as they are now."""
        return Statistics(**{name: getattr(self, name) for name in Statistics._fields})
