"""What the journal takes and gives."""

import msgspec

from lanchat.protocol import Author, Body, Event, Kind, NodeInfo


class Draft(msgspec.Struct, frozen=True):
    """What somebody wants to say, before it has a number. Signature and voucher are those of the event.

    `at` is when it was said, if it had a number already among people who could not reach the others; 0 otherwise.
    """

    room: str
    nonce: str
    author: Author
    body: Body
    kind: Kind = "message"
    signature: str = ""
    voucher: str = ""
    at: int = 0

    @classmethod
    def again(cls, event: Event) -> "Draft":
        """Return an event that was numbered among some people only, to be said again to all of them."""
        at = max(1, event.at)
        return cls(event.room, event.nonce, event.author, event.body, event.kind, event.signature, event.voucher, at)


class Kept(msgspec.Struct, frozen=True):
    """The event that a draft became; not `fresh` when its nonce was known and the event is an old one.

    `place` is where it lies in the room's log while it is not acknowledged; 0 once it is.
    """

    event: Event
    fresh: bool
    place: int = 0


class Turn(msgspec.Struct, frozen=True):
    """An entry of a room's log that nobody is shown: from there on somebody else numbers, or other voters decide.

    Attributes:
        place: where it lies in the log, in which events and turns are counted together.
        term: in which it was written.
        seq: of the last event below it.
        voters: who decides from there on, in the words of `lanchat.rooms`; empty when that stays.
        alone: whether this node is a quorum by itself from there on.
    """

    place: int
    term: int
    seq: int
    voters: str = ""
    alone: bool = False


class Logged(msgspec.Struct, frozen=True):
    """One entry of a room's log, an event or a turn.

    Attributes:
        place: where it lies.
        term: in which it was written.
        event: what everybody is shown; None for a turn.
        turn: the turn; None for an event.
        direct: whether it lies in the history already, because this node is a quorum by itself.
    """

    place: int
    term: int
    event: Event | None = None
    turn: Turn | None = None
    direct: bool = False


class LedgerRecord(msgspec.Struct, frozen=True):
    """What a node keeps of a room that has voters, beside its history.

    Attributes:
        me: id of this node as a voter; who lost its log comes back under another one.
        term: the highest term that it knows.
        vote: id of the voter for which it has voted in this term; empty when for none.
        base: the term of everything below the first turn.
        first: who decided before the first turn.
        acknowledged: the highest place that it knows to be acknowledged.
        turns: every turn, ascending.
        tail: the events that are not acknowledged, by their places, ascending.
    """

    me: str
    term: int
    vote: str
    base: int
    first: str
    acknowledged: int
    turns: tuple[Turn, ...] = ()
    tail: tuple[tuple[int, Event], ...] = ()


class RoomRecord(msgspec.Struct, frozen=True):
    """One room as the database keeps it.

    Attributes:
        addresses: where its home answered last, as `host:port`; empty for a room whose home is here.
        owner: id of the person who opened it; empty where that is not known.
        salt: with it the room's id proves who opened it; empty for a room from before that was so.
    """

    id: str
    name: str
    home: NodeInfo
    term: int = 1
    addresses: tuple[str, ...] = ()
    owner: str = ""
    salt: str = ""
