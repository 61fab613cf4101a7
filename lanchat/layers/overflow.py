"""What becomes of the messages for which a channel has no room."""

import enum


class Overflow(enum.StrEnum):
    """What a full mailbox does with one more message."""

    DROP_OLDEST = "drop_oldest"
    DROP_NEWEST = "drop_newest"
    DISCONNECT = "disconnect"
    """Whoever receives gets ChannelFull from then on, and has to begin anew with another channel."""
