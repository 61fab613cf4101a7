"""Reading what was said: pages, and what is found by its words."""

from lanchat.protocol import Found, History, Page, Search
from lanchat.sessions.session import Session


async def page(session: Session, command: History) -> Page:
    """Return a page of a room's history. Raises NotJoined, NoSuchRoom, JournalError."""
    return await session.subscription(command.room).page(command)


async def search(session: Session, command: Search) -> Found:
    """Return the messages that hold some words. Raises NotJoined, NoSuchRoom, JournalError."""
    room = session.room(command.room)
    hits = await session.context.journal.search(room.id, command.text, command.before, command.limit)
    return Found(room=room.id, hits=hits)
