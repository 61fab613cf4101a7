"""Finding rooms, entering and leaving them."""

from lanchat.protocol import Done, Join, Leave, Open, Opened
from lanchat.sessions.session import Session


async def open_room(session: Session, command: Open) -> Opened:
    """Find or make a room. Raises NoSuchRoom, InvalidRoomName."""
    rooms = session.context.rooms
    found = await (rooms.enter(command.room) if command.room else rooms.open(command.name, create=command.create))
    return Opened(room=found.info)


async def join(session: Session, command: Join) -> None:
    """Enter a room: `joined` or `start_over` comes first, then who is there. Raises NoSuchRoom, LayerError."""
    room = session.context.rooms.get(command.room)
    try:
        subscription = await session.follow(room)
        begun = await subscription.begin(command.since, command.limit, command.last, ref=command.ref)
    except BaseException:
        await session.leave(room.id)
        raise
    if not begun:
        await session.leave(room.id)
        return
    for presence in room.presence.presences():
        session.send(presence)
    for receipts in room.read_state.frames():
        session.send(receipts)
    if session.listed and await room.presence.enter(session, session.visitor.author):
        session.context.rooms.changed()


async def leave(session: Session, command: Leave) -> Done:
    """Leave a room. Raises NotJoined, NoSuchRoom."""
    await session.leave(session.room(command.room).id)
    return Done()
