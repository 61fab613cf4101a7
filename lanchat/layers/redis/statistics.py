"""What a layer has counted."""

import msgspec


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts since the layer was made, of this process only.

    Attributes:
        sent: messages that were given to Redis.
        received: deliveries, to a receiver or into a mailbox; a message for three members counts three times.
        dropped: deliveries that were not made: a mailbox or a process's queue was full, or nobody was there.
        expired: messages that were too old when somebody could have had them.
        poisoned: what came from Redis and is no message, or a key that holds something else.
        reconnects: how often a reading connection came back after it was lost.
    """

    sent: int = 0
    received: int = 0
    dropped: int = 0
    expired: int = 0
    poisoned: int = 0
    reconnects: int = 0


class Counters:
    """The same, while it is counted."""

    __slots__ = ("dropped", "expired", "poisoned", "received", "reconnects", "sent")

    def __init__(self) -> None:
        self.sent = self.received = self.dropped = self.expired = self.poisoned = self.reconnects = 0

    def snapshot(self) -> Statistics:
        """Give the counts as they are now."""
        return Statistics(**{name: getattr(self, name) for name in self.__slots__})
