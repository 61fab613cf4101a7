"""Coming through the door of a room: by its passphrase, by an invitation, or by a proof without saying either."""

from ipaddress import ip_address

from lanchat.errors import NeedsInvitation, WrongPassphrase
from lanchat.identity import shown
from lanchat.protocol import Confirm, Confirmed, Done, Enter, Knock, Knocked, Ruled, Rules
from lanchat.rooms import Room
from lanchat.sessions.session import Session, is_secure


async def enter(session: Session, command: Enter) -> Done:
    """Let somebody in who shows a passphrase or an invitation; in a mirror, the person of this node by its home.

    Raises:
        NoSuchRoom: it is not here.
        RefusedError: it is the wrong one, or they may not come in whatever they show.
        SlowDown: there were too many wrong ones.
        Unreachable: the home of the mirror does not answer, and decides who comes in by an invitation.
    """
    context, room = session.context, session.context.rooms.get(command.room)
    comer = context.access.comer(session.visitor)
    if comer.at_home:
        await _enter_mirror(session, room, command)
    elif command.invitation:
        await context.doors.enter_by_invitation(room, context.owner, comer, command.invitation)
    elif room.door.policy.door != "open":
        if not _is_private(session):
            raise NeedsInvitation(
                "A passphrase that is sent from here could be read on the network; ask for a guest link instead."
            )
        await context.doors.enter_by_passphrase(room.id, comer, command.passphrase)
    return Done()


async def knock(session: Session, command: Knock) -> Knocked:
    """Begin a proof; the one before ends by that. Raises NoSuchRoom, RefusedError, SlowDown."""
    context, room = session.context, session.context.rooms.get(command.room)
    here = context.fingerprint if is_secure(session.socket) else context.node.id
    exchange = await context.doors.knock(room.id, context.access.comer(session.visitor), command.share, here)
    session.exchange = (room.id, exchange)
    return Knocked(room=room.id, share=exchange.share)


async def confirm(session: Session, command: Confirm) -> Confirmed:
    """End a proof, which can be done once. Raises NoSuchRoom, WrongPassphrase."""
    context, room = session.context, session.context.rooms.get(command.room)
    begun, session.exchange = session.exchange, None
    if begun is None or begun[0] != room.id:
        raise WrongPassphrase("Knock at the door of this room before you prove anything.")
    comer = context.access.comer(session.visitor)
    return Confirmed(room=room.id, tag=await context.doors.confirm(room.id, comer, begun[1], command.tag))


async def rules(session: Session, command: Rules) -> Ruled:
    """Return the next rules of a room, and whose it is; of one that its owner has deleted, the rule that says so.

    Raises:
        NoSuchRoom: it is not here.
    """
    rooms, keeper = session.context.rooms, session.context.doors
    grave = None if command.room in rooms else await keeper.graves.find(command.room)
    if grave is not None:
        events, more, owner, salt = [grave.event], False, grave.owner, grave.salt
    else:
        record = rooms.get(command.room).record
        events, more = await keeper.rules(record.id, command.after)
        owner, salt = record.owner, record.salt
    if session.visitor.node is None:
        events = [shown(event) for event in events]
    else:
        events = await session.context.owner.seal.all_leaving(events)
    keyless = grave is None and rooms.get(command.room).door.notice(command.room).keyless
    return Ruled(room=command.room, events=events, owner=owner, salt=salt, more=more, keyless=keyless)


async def _enter_mirror(session: Session, room: Room, command: Enter) -> None:
    """Let this node into a room of another one. What the passphrase was made into stays here, for its guests."""
    if room.kind == "home":
        return
    doors = session.context.doors
    key = await doors.derive(room.id, command.passphrase) if command.passphrase else b""
    await room.knock(key, command.invitation)
    if key:
        await doors.put_key(room.id, key)
    room.door.outside = None


def _is_private(session: Session) -> bool:
    """Return whether nobody on the network can read what this client sends."""
    if is_secure(session.socket):
        return True
    try:
        return ip_address(session.visitor.address.partition("%")[0]).is_loopback
    except ValueError:
        return False
