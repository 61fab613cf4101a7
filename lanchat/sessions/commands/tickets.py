"""Letting others into a room: its passphrase, and invitations."""

from lanchat.errors import NotModerator
from lanchat.protocol import Done, Issue, Issued, Passphrase, Revoke, TicketList, Tickets
from lanchat.sessions.session import Session


async def passphrase(session: Session, command: Passphrase) -> Done:
    """Set the passphrase of a room; a rule of its owner then says that its door wants one.

    Raises:
        NoSuchRoom: it is not here.
        NotModerator: its home is elsewhere, or it is somebody else's.
        SlowDown: too many passphrases are worked on.
    """
    context, room = session.context, session.context.rooms.get(command.room)
    if room.kind != "home" or context.owner.author.id != room.door.policy.owner:
        raise NotModerator("The owner of the room sets its passphrase, at the Lanchat that is its home.")
    await context.doors.set_passphrase(room.id, command.passphrase)
    return Done()


async def issue(session: Session, command: Issue) -> Issued:
    """Make an invitation. Raises NoSuchRoom, LimitReached."""
    context, room = session.context, session.context.rooms.get(command.room)
    ticket, code = await context.doors.tickets.issue(room.id, single=command.single, seconds=command.seconds)
    address = context.address()
    link = f"{address}#r={room.id}&i={code}" if address else ""
    return Issued(room=room.id, ticket=ticket, code=code, link=link, qr=_qr(link) if link else [])


async def tickets(session: Session, command: Tickets) -> TicketList:
    """Return the invitations into a room that stand at this node. Raises NoSuchRoom."""
    room = session.context.rooms.get(command.room)
    return TicketList(room=room.id, tickets=await session.context.doors.tickets.standing(room.id))


async def revoke(session: Session, command: Revoke) -> Done:
    """Take back an invitation. Raises NoSuchRoom, InvalidInvitation."""
    room = session.context.rooms.get(command.room)
    await session.context.doors.tickets.revoke(room.id, command.ticket)
    return Done()


def _qr(text: str) -> list[str]:
    """Return a QR code (ISO/IEC 18004) as rows of 0 and 1, without its quiet zone."""
    import segno  # noqa: PLC0415 - for those who invite somebody

    return ["".join(str(int(dark)) for dark in row) for row in segno.make_qr(text, error="m").matrix]
