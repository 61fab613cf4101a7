"""Reading what was said: pages, and what is found by its words."""

from collections.abc import Sequence

from msgspec.structs import replace

from lanchat.errors import LanchatError
from lanchat.identity import shown
from lanchat.protocol import Found, History, Hit, Page, Search, codec
from lanchat.rooms import Room
from lanchat.sessions.session import Session


async def page(session: Session, command: History) -> Page:
    """Return a page of a room's history. Raises NotJoined, NoSuchRoom, JournalError."""
    return await session.subscription(command.room).page(command)


async def search(session: Session, command: Search) -> None:
    """Look for the messages that hold some words, beside everything else; it ends when the client goes.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        TooManySearches: so many of this client wait already.
    """
    room = session.room(command.room)
    journal = session.context.journal

    async def find() -> None:
        try:
            found = await journal.search(room.id, command.text, command.before, command.limit)
            while not (hits := _shown(room, found.hits)) and found.more:
                below = found.hits[-1].event.seq
                found = await journal.search(room.id, command.text, below, command.limit)
        except LanchatError as error:
            session.refuse(error, codec.subject_of(command))
        else:
            session.answer(command, Found(room=room.id, hits=hits, more=found.more))

    session.searches.begin(find)


def _shown(room: Room, hits: Sequence[Hit]) -> list[Hit]:
    """Return what was found as people are sent it, without what a moderator has hidden."""
    policy = room.door.policy
    return [replace(hit, event=shown(hit.event)) for hit in hits if not policy.hides(hit.event)]
