"""How what is unread is counted: from the journal, and as messages come."""

import itertools
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lanchat.journal import MembershipStore
from lanchat.notify import Nicks
from lanchat.protocol import Author, Event
from lanchat.rooms.memberships.tally import Arrivals, Fresh, Tally
from lanchat.rooms.room import Room


async def count(store: MembershipStore, room: Room, author: Author, tally: Tally) -> bool:
    """Count what somebody has not read in a room, from the journal. Raises JournalError.

    Returns:
        Whether the place up to which they have read was put right: the room has another history, or what it has was
        fetched from its home, and happened before this node knew it.
    """
    record = tally.record
    read = max(min(record.read, room.top), room.past)
    if corrected := read != record.read:
        tally.record = replace(record, read=read)
    policy = room.door.policy
    if read >= room.top or author.id in policy.banned:
        tally.count(room.top, ())
        return corrected
    top, unread = await store.unread(room.id, author.id, read)
    if tally.record.read != read:
        return corrected  # they have read on meanwhile
    nicks = Nicks((author, *room.presence.people.everybody()))
    standing = [said for said in unread if not policy.hides_said(said.author, said.seq, said.at)]
    tally.count(top, [author.id in nicks.mentioned(said.text) for said in standing])
    return corrected


def fresh(room: Room, events: Sequence[Event], here: Iterable[Author]) -> Arrivals:
    """Return the messages among events that have just come, with whom they mention of those who are here or there."""
    nicks = Nicks(itertools.chain(here, room.presence.people.everybody()))
    return Arrivals(
        [
            Fresh(event.seq, event.author.id, frozenset(nicks.mentioned(event.body.text)))
            for event in events
            if event.kind == "message"
        ]
    )
