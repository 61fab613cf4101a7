"""Who numbers a room: its home, its term, and when a copy is another history. Pure.

A room has one home at a time. Each home that follows another has a higher term; a mirror follows its home and takes a
higher term from it, never a lower one.
"""

import secrets
from enum import Enum

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.journal import RoomRecord
from lanchat.protocol import Mark, NodeInfo, is_key_id, room_id

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


def judge(record: RoomRecord, home: NodeInfo, term: int) -> Claim:
    """Return whether a mirror follows the node that says it is the room's home.

    Args:
        record: what the mirror knows.
        home: the node that answered.
        term: the term that it named when the mirror joined.
    """
    legitimate = is_home(record, home) and term >= record.term
    return Claim.FOLLOW if legitimate else Claim.REFUSE


def succeed(record: RoomRecord, home: NodeInfo, *, term: int = 0, addresses: tuple[str, ...] = ()) -> RoomRecord:
    """Return the record of a room that has another home from now on.

    Args:
        record: the room.
        home: who numbers it from now on.
        term: the new home's term; by default the next one.
        addresses: where the new home is; empty when it is this node.
    """
    return msgspec.structs.replace(record, home=home, term=max(term, record.term + 1), addresses=addresses)


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
