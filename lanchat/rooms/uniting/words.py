"""As which room another one goes on, and by whose words."""

from collections.abc import Sequence

import msgspec

from lanchat.errors import StaysApart
from lanchat.identity import check_all
from lanchat.journal import RoomRecord
from lanchat.protocol import Event, heir_of, is_key_id

MOST_WORDS = 100
"""Most rooms of which each goes on as the next."""


class Heir(msgspec.Struct, frozen=True):
    """As which room another one goes on.

    Attributes:
        record: that room, as it is to be kept here.
        words: by which it goes on so, from the first room on.
    """

    record: RoomRecord
    words: tuple[Event, ...]


async def check_words(room: str, heir: str, words: Sequence[Event]) -> None:
    """Return if by some words, at least one, a room goes on as another one: none goes on as itself.

    Raises:
        StaysApart: they do not lead from the one to the other.
        InvalidSignature: one of them was not said by the owner of its room.
    """
    at = room
    for word in words[:MOST_WORDS]:
        origin = word.body.origin or word.room
        if word.kind != "rule" or origin != at or not is_key_id(word.author.id):
            raise StaysApart("The words by which the room goes on as another one do not lead there.")
        at = heir_of(at, word.author.id, word.body.text)
    if at != heir or not words:
        raise StaysApart("The words by which the room goes on as another one do not lead there.")
    await check_all(words)
