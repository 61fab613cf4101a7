"""What somebody has left in the rooms of this node, found and deleted at once."""

import asyncio
import secrets
from collections.abc import Collection, Iterable
from typing import NamedTuple

from lanchat.errors import RoomError
from lanchat.identity import Owner
from lanchat.journal import Draft, Journal
from lanchat.protocol import Body, Event, Rule, author_kind, write_rule
from lanchat.rooms.registry import RoomRegistry
from lanchat.rooms.room import Room

PIECE = 200
"""Messages that are deleted before others have their turn."""


class Left(NamedTuple):
    """How much it was: messages in rooms that stay, and rooms that were forgotten with everything in them."""

    posts: int
    rooms: int


async def purge(
    rooms: RoomRegistry,
    journal: Journal,
    owner: Owner,
    people: Collection[str],
    made: Collection[str],
    *,
    since: int,
    dry: bool,
) -> Left:
    """Delete the messages of some people, and forget rooms in which nobody else has said anything.

    A guest of this node, for whom its owner vouches, has each message deleted by an event of their own. Nobody signs
    for anybody else: what they said is hidden by a rule, as far as the owner may make one in that room. Everybody sees
    either, and every mirror gets it. Only rooms that have their home here are looked at.

    Args:
        rooms: the rooms.
        journal: what was said in them.
        owner: whose node it is.
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
        place, others, policy = 0, dict[str, None](), room.door.policy
        while run := await journal.said_by(room.id, people, since, place, PIECE):
            place = run[-1].seq
            ours = [event for event in run if _is_ours(event, owner)]
            theirs = [event for event in run if not _is_ours(event, owner) and not policy.hides(event)]
            if policy.moderates(owner.author.id):
                posts += len(theirs)
                others |= dict.fromkeys(event.author.id for event in theirs)
            posts += len(ours) if dry else await _delete(room, ours)
        if not dry:
            await _hide(room, owner, others, since)
    return Left(posts, gone)


def _is_ours(event: Event, owner: Owner) -> bool:
    """Return whether an event can be deleted here as its author could."""
    return event.voucher == owner.author.id or author_kind(event.author.id) == "unverified"


async def _delete(room: Room, run: Collection[Event]) -> int:
    """Delete messages, and give how many it were: somebody may have deleted one meanwhile."""
    drafts = [
        Draft(room.id, secrets.token_hex(16), event.author, Body(target=event.nonce), "deletion", voucher=event.voucher)
        for event in run
    ]
    return await _post(room, drafts)


async def _hide(room: Room, owner: Owner, people: Iterable[str], since: int) -> None:
    """Hide what people said, by a rule for each."""
    rules = [write_rule(Rule(change="hide", person=person, since=since)) for person in people]
    drafts = [Draft(room.id, secrets.token_hex(16), owner.author, Body(text=rule), "rule") for rule in rules]
    await _post(room, [owner.seal.said(draft) for draft in drafts])


async def _post(room: Room, drafts: Iterable[Draft]) -> int:
    done = await asyncio.gather(*(room.post(draft) for draft in drafts), return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException) and not isinstance(each, RoomError):
            raise each
    return sum(not isinstance(each, BaseException) for each in done)
