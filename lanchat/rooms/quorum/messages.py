"""What voters say to each other."""

import msgspec

from lanchat.rooms.quorum.voters import Configuration


class Ask(msgspec.Struct, frozen=True):
    """Would you vote for me, or, when it is not just a question: vote for me.

    Attributes:
        term: the term in which the asker wants to be home.
        seq: the seq of its last entry.
        of: the term of its last entry.
        trial: whether it only wants to know. Somebody who wakes up alone must not depose a home that is well
            (pre-vote: Ongaro 2014, section 9.6).
        handed: whether the home itself handed over to the asker (section 3.10).
    """

    term: int
    seq: int
    of: int
    trial: bool = False
    handed: bool = False


class Vote(msgspec.Struct, frozen=True):
    """Answer to `Ask`. Attributes as there; `term` is the one asked for, or a higher one that the voter knows."""

    term: int
    granted: bool
    trial: bool = False


class Entry(msgspec.Struct, frozen=True):
    """One numbered entry, as far as voters have to know it.

    Attributes:
        seq: its place.
        term: in which it was numbered.
        configuration: who decides from this entry on, when it changes that.
        event: what it is to everybody else; nothing here looks into it.
    """

    seq: int
    term: int
    configuration: Configuration | None = None
    event: object = None


class Append(msgspec.Struct, frozen=True):
    """The home's heartbeat: what follows an entry that the voter should have.

    Attributes:
        term: the home's.
        after: seq of the entry before the first; 0 at the beginning.
        of: its term.
        entries: what follows it.
        acknowledged: the highest seq that a quorum keeps.
    """

    term: int
    after: int
    of: int
    entries: tuple[Entry, ...] = ()
    acknowledged: int = 0


class Appended(msgspec.Struct, frozen=True):
    """Answer to `Append`.

    Attributes:
        term: the voter's.
        seq: when it was taken, up to which seq the voter keeps what the home has; else the highest one at which it may.
        taken: whether it was.
    """

    term: int
    seq: int
    taken: bool


class HandOver(msgspec.Struct, frozen=True):
    """The home asks a voter that has everything to become home in its place, at once."""

    term: int


Message = Ask | Vote | Append | Appended | HandOver
