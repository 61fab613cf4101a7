"""Who is there, who writes, and how far other nodes are. Nothing of it is kept."""

from lanchat.errors import InvalidFrame, LimitReached
from lanchat.protocol import Done, NodeInfo, Presence, Receipts, Typing
from lanchat.rooms import Room, vouched
from lanchat.sessions.session import Session


async def typing(session: Session, command: Typing) -> Done:
    """Tell everybody in a room that somebody is writing.

    A link is heard for its own person and for those whom its node sees in the room; of others it says nothing.

    Raises:
        NotJoined, NoSuchRoom: the client is not in the room.
        InvalidFrame, InvalidNick: it speaks for somebody for whom it cannot.
    """
    room = session.room(command.room)
    author = session.context.access.speaker(session.visitor, command.author)
    if session.visitor.kind == "link" and not (session.sees(room, author) and room.door.may_write(author)):
        return Done()
    frame = Typing(room=room.id, author=author, node=session.node.id)
    await room.typing(frame)
    _relay(session, room, frame)
    return Done()


async def presence(session: Session, command: Presence) -> Done:
    """Take whom the node of a link sees in a room.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        InvalidFrame, InvalidNick: it speaks for another node, or names somebody who cannot be.
        LimitReached: there are too many nodes or people in it.
    """
    room = session.room(command.room)
    context, node = session.context, _own(session, command.node)
    members = [vouched(session.visitor, member) for member in command.members]
    members = [member for member in members if member.id not in room.door.policy.banned]
    frame = Presence(room=room.id, node=node, members=members)
    if not room.presence.has_place(frame):
        raise LimitReached("So many machines or people are in this room already that no more are named.")
    context.presence_owners[room.id, node.id] = session
    if await room.presence.receive(frame):
        context.rooms.changed()
    _relay(session, room, frame)
    return Done()


async def receipts(session: Session, command: Receipts) -> Done:
    """Take how far the node of a link is. Raises NotJoined, NoSuchRoom, InvalidFrame."""
    room = session.room(command.room)
    node, kept = _own(session, command.node), min(command.kept, room.top)
    frame = Receipts(room=room.id, node=node, kept=kept, read=command.read)
    await room.receipts.receive(frame)
    _relay(session, room, frame)
    return Done()


def _relay(session: Session, room: Room, frame: Presence | Receipts | Typing) -> None:
    if session.visitor.kind == "link":
        room.relay(frame)


def _own(session: Session, named: NodeInfo) -> NodeInfo:
    """Return the node for which a client speaks. Raises InvalidFrame: it names another."""
    if named.id != session.node.id:
        raise InvalidFrame("A link speaks for its own node only.")
    return session.node
