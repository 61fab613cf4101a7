"""What stands in a room by its rules until something else is said of it."""

import msgspec


class Hidden(msgspec.Struct, frozen=True):
    """What of somebody is hidden: everything that they said before the event `seq`, from the time `since` on (ms)."""

    person: str
    since: int
    seq: int


class Invitation(msgspec.Struct, frozen=True):
    """An invitation that was made, by whom, and until when it stands by the clock of the room's home (ms)."""

    ticket: str
    by: str
    single: bool
    until: int
