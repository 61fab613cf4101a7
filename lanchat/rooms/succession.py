"""Who numbers a room: its home, its term, which of two rooms gives way, and when a copy is another history. Pure.

A room has one home at a time. Each home that follows another has a higher term; a mirror follows its home and takes a
higher term from it, never a lower one. Where two rooms of one name turn out to be one for the people in them, the one
in which nobody has spoken gives way: ids are random, so both sides come to the same answer without a word.
"""

import secrets
from collections.abc import Iterable
from enum import Enum
from typing import Protocol

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.journal import RoomRecord
from lanchat.protocol import Mark, NodeInfo, RoomInfo, is_key_id, room_id

MOST_ADDRESSES = 8
"""Most addresses of a home that are remembered."""


class OtherHistory(Exception):
    """The home has another history of the room than this mirror, whose copy has to be set aside."""


class Standing(Protocol):
    """What is known of a room of this node when it has to be decided whether it stays."""

    @property
    def record(self) -> RoomRecord:
        """What the journal keeps of it."""

    @property
    def info(self) -> RoomInfo:
        """How it stands now."""


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


def found(name: str, home: NodeInfo, owner: str, *, opened_itself: bool = False) -> RoomRecord:
    """Return the record of a new room, whose id says who opened it; where nobody is named, it is random."""
    salt = secrets.token_hex(16)
    if not owner:
        return RoomRecord(id=salt, name=name, home=home, opened_itself=opened_itself)
    return RoomRecord(room_id(owner, salt), name, home, opened_itself=opened_itself, owner=owner, salt=salt)


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


def may_yield(room: Standing) -> bool:
    """Return whether nothing was said in a room, and it opened by itself or is a mirror without its home."""
    info = room.info
    return info.top == 0 and (room.record.opened_itself if info.kind == "home" else not info.online)


def gives_way_to(room: Standing, found: Iterable[RoomInfo]) -> str | None:
    """Return the id of the room of another node in favour of which a room of this node goes; None when it stays.

    Of two rooms of one name that opened by themselves the one with the greater id goes, unless only in this somebody
    has spoken. A mirror in which nobody has spoken goes as well when its home has given that room up.

    Args:
        room: the room.
        found: the rooms that other nodes offer now.
    """
    offers = {info.id: info for info in found}
    mine = room.info
    if mine.id in offers or not may_yield(room):
        return None
    rivals = [info for info in offers.values() if info.name == mine.name]
    better = [info for info in rivals if mine.kind == "mirror" or info.top > 0 or info.id < mine.id]
    return min(better, key=lambda info: (info.top == 0, info.id)).id if better else None


def is_same_history(known: Mark, seq: int, stands: Mark | None, oldest: int) -> bool:
    """Return whether a receiver and this node mean the same history, as far as that can still be known.

    Args:
        known: the mark of the receiver's last event.
        seq: where that event stands.
        stands: the mark of the event that stands there here; None when none does.
        oldest: the lowest seq that is kept here.
    """
    return stands == known or (stands is None and seq < oldest)
