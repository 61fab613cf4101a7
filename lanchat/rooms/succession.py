"""Who numbers a room: its home, its term, and when a copy is another history.

A room has one home at a time. Each home that follows another has a higher term; a mirror follows its home and takes a
higher term from it, never a lower one.
"""

import secrets
from enum import Enum

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import Mark, NodeInfo, is_key_id, room_id

SHARED = NodeInfo(id="redis", name="Redis")
"""The home of every room whose numbering is done in the Redis that this node shares with others: no node's id."""
MOST_ADDRESSES = 8
"""Most addresses of a home that are remembered."""


class OtherHistory(Exception):
    """The home has another history of the room than this mirror, whose copy has to be set aside."""


class Claim(Enum):
    """What to do with a node that says it is a room's home in a term."""

    FOLLOW = "follow"
    REFUSE = "refuse"


def is_home(record: RoomRecord, node: NodeInfo) -> bool:
    """Return whether a node numbers the room."""
    return record.home.id == node.id


def is_shared(record: RoomRecord) -> bool:
    """Return whether a room is numbered in Redis."""
    return record.home.id == SHARED.id


def judge(record: RoomRecord, home: NodeInfo, term: int) -> Claim:
    """Return whether a mirror follows the node that says it is the room's home.

    Args:
        record: what the mirror knows.
        home: the node that answered.
        term: the term that it named when the mirror joined.
    """
    legitimate = is_home(record, home) and term >= record.term
    return Claim.FOLLOW if legitimate else Claim.REFUSE


def found(name: str, home: NodeInfo, owner: str) -> RoomRecord:
    """Return the record of a new room, whose id says who opened it; where nobody is named, it is random."""
    salt = secrets.token_hex(16)
    if not owner:
        return RoomRecord(id=salt, name=name, home=home)
    return RoomRecord(room_id(owner, salt), name, home, owner=owner, salt=salt)


def settled(record: RoomRecord, node: NodeInfo, owner: str) -> RoomRecord:
    """Return the record with an owner: a room from before rooms had any belongs to the person of its home."""
    return record if record.owner or not is_home(record, node) else msgspec.structs.replace(record, owner=owner)


def answered(addresses: tuple[str, ...], address: str) -> tuple[str, ...]:
    """Return where a home may be, the address where it answered now first; the oldest of too many is left out."""
    return (address, *(other for other in addresses if other != address))[:MOST_ADDRESSES]


def owned(record: RoomRecord, owner: str, salt: str) -> RoomRecord:
    """Return the record of a room whose home says who opened it.

    What the id proves, and what was known before, is not changed by what a home says.

    Raises:
        InvalidFrame: the id was made by another person, or from another salt.
    """
    if salt and room_id(owner, salt) != record.id:
        raise InvalidFrame("The home names an owner of the room who did not make its id.")
    if record.salt or (record.owner and not salt) or not is_key_id(owner):
        return record
    return msgspec.structs.replace(record, owner=owner, salt=salt)


def is_same_history(known: Mark, seq: int, stands: Mark | None, oldest: int) -> bool:
    """Return whether a receiver and this node mean the same history, as far as that can still be known.

    Args:
        known: the mark of the receiver's last event.
        seq: where that event stands.
        stands: the mark of the event that stands there here; None when none does.
        oldest: the lowest seq that is kept here.
    """
    return stands == known or (stands is None and seq < oldest)


class KeptRecord:
    """What the journal keeps of one room, and what is learned of its home.

    Args:
        record: as it is kept now.
        journal: keeps it.

    Attributes:
        record: as it is kept now.
    """

    def __init__(self, record: RoomRecord, journal: Journal) -> None:
        self.record = record
        self._journal = journal

    async def remember_address(self, address: str) -> None:
        """Remember where the home answered, before where it was until now. Raises JournalError."""
        if address not in self.record.addresses[:1]:
            await self._keep(addresses=answered(self.record.addresses, address))

    async def learn_owner(self, owner: str, salt: str) -> None:
        """Take whose room it is, as its home says. Raises InvalidFrame: its id says otherwise; JournalError."""
        if (whose := owned(self.record, owner, salt)) != self.record:
            await self._keep(owner=whose.owner, salt=whose.salt)

    async def raise_term(self, term: int) -> None:
        """Take the term of the room's home when it is a higher one. Raises JournalError."""
        if term > self.record.term:
            await self._keep(term=term)

    async def _keep(self, **changes: object) -> None:
        await self._journal.put_room(msgspec.structs.replace(self.record, **changes))
        self.record = msgspec.structs.replace(self.record, **changes)  # only now: what was not kept is kept next time
