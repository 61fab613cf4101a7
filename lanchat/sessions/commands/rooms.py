"""Finding rooms, entering and leaving them."""

from functools import partial

from lanchat.errors import LimitReached, NotModerator, StillHome
from lanchat.protocol import Continue, Done, Forget, Join, Leave, Moved, Open, Opened, Unite
from lanchat.rooms import Room
from lanchat.sessions.havens import havens_of
from lanchat.sessions.session import Session


async def open_room(session: Session, command: Open) -> Opened:
    """Find or make a room. Raises NoSuchRoom, InvalidRoomName, LimitReached, NotOwner."""
    rooms, maker = session.context.rooms, session.payer.address
    may = partial(session.context.access.check, session.visitor)
    if command.room:
        found = await rooms.enter(command.room, address=command.address, maker=maker, may=may)
    else:
        found = await rooms.open(command.name, create=command.create, maker=maker, may=may)
    return Opened(room=found.info)


async def join(session: Session, command: Join) -> None:
    """Enter a room: `joined` or `start_over` comes first, then who is there.

    Raises:
        NoSuchRoom: it is not here.
        LimitReached: it is full, or the client is in too many.
        LayerError: its messages cannot be listened to.
    """
    room = _standing(session, command.room)
    _check_place(session, room)
    if room.seat is not None:
        await room.seat.catch_up(command.since)
    try:
        subscription = await session.follow(room)
        _standing(session, room.id)
        begun = await subscription.begin(command.since, command.limit, command.last, ref=command.ref)
    except BaseException:
        await session.leave(room.id)
        raise
    if not begun:
        await session.leave(room.id)
        return
    await session.context.doors.came_in(room.id, session.context.access.comer(session.visitor))
    if session.visitor.kind != "link":
        session.send(room.door.notice(room.id))
    if session.visitor.kind == "guest" and (havens := havens_of(room)).nodes:
        session.send(havens)
    for presence in room.presence.presences():
        session.send(presence)
    for receipts in room.receipts.frames():
        session.send(receipts)
    if session.listed:
        session.context.memberships.enter(session.visitor.author.id, room)
        if await room.presence.enter(session, session.visitor.author):
            session.context.rooms.changed()


async def forget(session: Session, command: Forget) -> Done:
    """Delete a room from this node; whoever is in it is told. Raises NoSuchRoom, JournalError."""
    rooms = session.context.rooms
    await rooms.forget(rooms.get(command.room))
    return Done()


async def continue_here(session: Session, command: Continue) -> Done:
    """Go on with a room at this node, without those who decide. Raises NoSuchRoom, StillHome, JournalError."""
    room = session.context.rooms.get(command.room)
    if room.info.shared:
        raise StillHome("A Redis numbers this room: nobody can go on without it.")
    if room.info.online:
        raise StillHome
    await session.context.rooms.continue_here(room)
    return Done()


async def unite(session: Session, command: Unite) -> Done:
    """Join a room with another one of its name. Raises NoSuchRoom, StaysApart, NotModerator, JournalError."""
    context = session.context
    room = context.rooms.get(command.room)
    if not room.door.policy.moderates(context.access.owner):
        raise NotModerator
    await context.unite(room, command.into)
    return Done()


async def leave(session: Session, command: Leave) -> Done:
    """Leave a room, at this client or for good. Raises NotJoined, NoSuchRoom, JournalError."""
    if command.for_good and session.listed:
        room = session.context.rooms.get(command.room).id
        await session.context.memberships.quit(session.visitor.author.id, room)
    else:
        room = session.room(command.room).id
    await session.leave(room)
    return Done()


def _standing(session: Session, room: str) -> Room:
    """Return a room that is here. Raises NoSuchRoom; whoever comes to one that gave way is told to which."""
    rooms = session.context.rooms
    if room not in rooms and (to := rooms.successor(room)) is not None:
        session.send(Moved(room=room, to=to.info))
    return rooms.get(room)


def _check_place(session: Session, room: Room) -> None:
    """Raise LimitReached when the room is full, or the client is in too many; the owner always finds a place."""
    limits = session.context.addresses.limits
    if session.visitor.owner or room.id in session.joined:
        return
    if len(session.joined) >= limits.rooms_joined:
        raise LimitReached(f"You are in {len(session.joined)} rooms already; leave one first.")
    if session.context.hub.listeners(room.group) >= limits.members:
        raise LimitReached(f"There are {limits.members} in this room already; come back when somebody has left.")
