"""Letting others into a room: its passphrase, and invitations."""

import asyncio

from lanchat.errors import InvalidFrame
from lanchat.protocol import Done, Issue, Issued, Passphrase, Revoke, Rule, TicketList, Tickets
from lanchat.rooms import declare, invitations
from lanchat.sessions.commands.sharing import further, others_of, qr_code, room_link
from lanchat.sessions.session import Session


async def passphrase(session: Session, command: Passphrase) -> Done:
    """Set the passphrase of a room, and say that its door wants it; of a mirror, at its home.

    Who asks is the owner, as the gate knows: their window, or a link of their node that brings the key to this home.

    Raises:
        NoSuchRoom: it is not here.
        InvalidFrame: a window gives a key, or a link something else, or this is not the home.
        SlowDown: too many passphrases are worked on.
        Unreachable: the home is away.
        RefusedError, LimitReached: the rule cannot be said.
    """
    context, room = session.context, session.context.rooms.get(command.room)
    doors, is_link = context.doors, session.visitor.kind == "link"
    if is_link != bool(command.key) or (is_link and room.kind != "home"):
        raise InvalidFrame("passphrase: a window gives a passphrase, and a link a key, to the home of the room.")
    if is_link:
        await doors.put_key(room.id, bytes.fromhex(command.key))
        return Done()
    key = await doors.derive(room.id, command.passphrase)
    if room.kind == "home":
        await doors.put_key(room.id, key)
    await room.set_key(key)
    await declare(room, context.owner, Rule(change="door", door="passphrase"))
    await doors.put_key(room.id, key)  # a mirror has forgotten the former one by that rule
    return Done()


async def issue(session: Session, command: Issue) -> Issued:
    """Make an invitation. Raises NoSuchRoom; Unreachable, RefusedError and LimitReached as `declare`."""
    context, room = session.context, session.context.rooms.get(command.room)
    ticket, code = await invitations.issue(room, context.owner, single=command.single, seconds=command.seconds)
    address, own = context.address(), await asyncio.to_thread(context.own_addresses)
    more = {"further": further(address, own), "others": others_of(room)}
    link = room_link(address, room.id, code, **more) if address else ""
    return Issued(room=room.id, ticket=ticket, code=code, link=link, qr=list(qr_code(link)) if link else [])


async def tickets(session: Session, command: Tickets) -> TicketList:
    """Return the invitations into a room that stand, wherever they were made. Raises NoSuchRoom."""
    room = session.context.rooms.get(command.room)
    return TicketList(room=room.id, tickets=invitations.standing(room))


async def revoke(session: Session, command: Revoke) -> Done:
    """Take back an invitation. Raises NoSuchRoom, InvalidInvitation, NotModerator; Unreachable: the home is away."""
    context = session.context
    await invitations.revoke(context.rooms.get(command.room), context.owner, command.ticket)
    return Done()
