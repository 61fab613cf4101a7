"""The rooms that somebody is in: how far they have read, how they want each room, and to be told of all."""

from lanchat.protocol import Alert, Arrange, Done, Prefer, Read, ReadAll
from lanchat.sessions.session import Session


async def read(session: Session, command: Read) -> Done:
    """Note how far a person has read; others are only told when it is further. Raises NotJoined, NoSuchRoom."""
    room, person = session.room(command.room), session.visitor.author.id
    if session.listed:
        session.context.memberships.read(person, room, command.seq, back=command.back)
        if not command.back:
            await room.receipts.read(person, min(command.seq, room.top))
    return Done()


async def read_all(session: Session, _: ReadAll) -> Done:
    """Count everything as read that a person has not; those who wrote it are not told that it was."""
    session.context.memberships.read_all(session.visitor.author.id)
    return Done()


async def prefer(session: Session, command: Prefer) -> Done:
    """Note how a person wants a room. Raises NotJoined, NoSuchRoom."""
    session.context.memberships.prefer(session.visitor.author.id, command)
    return Done()


async def arrange(session: Session, command: Arrange) -> Done:
    """Note in which order a person wants their rooms."""
    session.context.memberships.arrange(session.visitor.author.id, command.rooms)
    return Done()


async def alert(session: Session, command: Alert) -> Done:
    """Note how a person wants to be told, and tell it to each of their clients. Raises JournalError."""
    person, notifications = session.visitor.author.id, session.context.notifications
    said = await notifications.alerts.put(person, quiet=command.quiet, sound=command.sound)
    notifications.tell(person, said)
    return Done()
