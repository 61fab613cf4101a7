"""What the journal takes and gives."""

import msgspec

from lanchat.protocol import Author, Body, Event, Kind, NodeInfo


class Draft(msgspec.Struct, frozen=True):
    """What somebody wants to say, before it has a number. Signature and voucher are those of the event."""

    room: str
    nonce: str
    author: Author
    body: Body
    kind: Kind = "message"
    signature: str = ""
    voucher: str = ""


class Kept(msgspec.Struct, frozen=True):
    """The event that a draft became; not `fresh` when its nonce was known and the event is an old one."""

    event: Event
    fresh: bool


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
