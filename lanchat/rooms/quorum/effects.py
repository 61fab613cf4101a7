"""What a voter wants to be done: carried out one after the other, each on the disk before the next."""

import msgspec

from lanchat.rooms.quorum.messages import Entry, Message
from lanchat.rooms.quorum.voters import Configuration


class Keep(msgspec.Struct, frozen=True):
    """Effect: have the voter's term on the disk, and for whom it voted in it."""

    term: int
    vote: str


class Store(msgspec.Struct, frozen=True):
    """Effect: have entries of the home on the disk behind `after`, in place of what lies there.

    What goes was never acknowledged; it is said again under the same nonces.
    """

    after: int
    entries: tuple[Entry, ...]


class Send(msgspec.Struct, frozen=True):
    """Effect: send a message; of an `Append`, `last` is the seq up to which the entries are to be put in."""

    to: str
    message: Message
    last: int = 0


class Acknowledged(msgspec.Struct, frozen=True):
    """Effect: everything up to this seq is kept by a quorum; show it."""

    seq: int


class Begin(msgspec.Struct, frozen=True):
    """Effect: number from now on, as the home of this term, behind `after`; what lies there is said again.

    The first entry says that this one is home; with it everything before is acknowledged.
    """

    term: int
    after: int


class Change(msgspec.Struct, frozen=True):
    """Effect: number an entry with this configuration."""

    configuration: Configuration


class Resume(msgspec.Struct, frozen=True):
    """Effect: go on to number in the term in which one did before the last start."""

    term: int


class Follow(msgspec.Struct, frozen=True):
    """Effect: number nothing more; another voter is home now, or nobody that is known when `home` is empty."""

    home: str


Effect = Keep | Store | Send | Acknowledged | Begin | Resume | Change | Follow
