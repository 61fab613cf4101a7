"""What somebody has left in the rooms of this node, found and deleted at once."""

import asyncio
import secrets
from collections.abc import Collection
from typing import NamedTuple

from lanchat.errors import RoomError
from lanchat.journal import Draft, Journal
from lanchat.protocol import Body, Event
from lanchat.rooms.registry import RoomRegistry
from lanchat.rooms.room import Room

PIECE = 200
"""Messages that are deleted before others have their turn."""


class Left(NamedTuple):
    """How much it was: messages in rooms that stay, and rooms that were forgotten with everything in them."""

    posts: int
    rooms: int


async def clear(
    rooms: RoomRegistry, journal: Journal, people: Collection[str], made: Collection[str], since: int, *, dry: bool
) -> Left:
    """Delete the messages of some people, and forget rooms in which nobody else has said anything.

    A message is deleted as its author could: by an event, which everybody sees and every mirror gets. So it is about
    guests of this node, in rooms that have their home here. What comes from another node is signed there, and is hidden
    by a rule of the room; what somebody said elsewhere, that home has to delete.

    Args:
        rooms: the rooms.
        journal: what was said in them.
        people: ids of those people.
        made: ids of the rooms that may be forgotten.
        since: what is older stays, as `Event.at`.
        dry: count only.

    Raises:
        JournalError: not everything could be deleted.
    """
    posts = gone = 0
    for room in [room for room in rooms if room.kind == "home"]:
        if room.id in made and not await journal.others_spoke(room.id, people):
            gone += 1
            if not dry:
                await rooms.forget(room)
            continue
        place = 0
        while run := await journal.said_by(room.id, people, since, place, PIECE):
            place = run[-1].seq
            # What another node has signed only that one can delete: a rule hides it.
            ours = [event for event in run if not event.signature]
            posts += len(ours) if dry else await _delete(room, ours)
    return Left(posts, gone)


async def _delete(room: Room, run: Collection[Event]) -> int:
    """Delete messages, and give how many it were: somebody may have deleted one meanwhile."""
    drafts = [
        Draft(room.id, secrets.token_hex(16), event.author, Body(target=event.nonce), "deletion", voucher=event.voucher)
        for event in run
    ]
    done = await asyncio.gather(*(room.post(draft) for draft in drafts), return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException) and not isinstance(each, RoomError):
            raise each
    return sum(not isinstance(each, BaseException) for each in done)
