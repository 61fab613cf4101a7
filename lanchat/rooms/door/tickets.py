"""Invitations into rooms: a code of 128 random bits, of which nothing but a hash is said in the room.

They are rules like all others, so they stand at every node of the room and at its next home. That they are used or
taken back is said in the room as well: its home gives the order, so a single one lets in one person, wherever that is.
"""

import re
import secrets

from lanchat.errors import InvalidInvitation
from lanchat.identity import Owner
from lanchat.protocol import Invitation, Rule, Ticket, proof_of, ticket_of
from lanchat.rooms.door.declaring import Forum, check_home, declare
from lanchat.rooms.door.doorway import now_ms

_ID = 12
"""Hexadecimal digits of an invitation by which its maker can take it back."""
_MINUTE = 60
_id = re.compile(f"[0-9a-f]{{{_ID}}}")


async def issue(room: Forum, owner: Owner, *, single: bool, seconds: int) -> tuple[Ticket, str]:
    """Make an invitation, and return it with its code, which nobody can be told again. Raises as `declare`."""
    code = secrets.token_urlsafe(16)
    ticket = ticket_of(proof_of(code))
    await declare(room, owner, Rule(change="invite", ticket=ticket, single=single, seconds=seconds))
    made = room.door.policy.invitation(ticket)
    if made is None:  # what was said before it changed who may invite
        raise InvalidInvitation("The invitation could not be made any more.")
    return _ticket(made), code


def found(room: Forum, code: str) -> tuple[Invitation, str]:
    """Return the invitation of a code into a room, and the proof that it was shown.

    Whether one has ended is decided by the clock of the room's home, and whether it was used as well.

    Raises:
        InvalidInvitation: it is none for this room.
        Unreachable: the home is away, so it cannot be known.
    """
    check_home(room)
    proof = proof_of(code)
    known = room.door.policy.invitation(ticket_of(proof))
    if known is None or (room.kind == "home" and known.until <= now_ms()):
        raise InvalidInvitation
    return known, proof


def standing(room: Forum) -> list[Ticket]:
    """Return the invitations into a room that stand, the last to end first."""
    known = room.door.policy.standing(now_ms())
    return [_ticket(each) for each in sorted(known, key=lambda each: (-each.until, each.ticket))]


async def revoke(room: Forum, owner: Owner, ticket: str) -> None:
    """Take an invitation back, by its id or its code. Raises InvalidInvitation: there is none; as `declare`."""
    beginning = ticket if _id.fullmatch(ticket) else ticket_of(proof_of(ticket))
    for each in room.door.policy.standing(now_ms()):
        if each.ticket.startswith(beginning):
            await declare(room, owner, Rule(change="revoke", ticket=each.ticket))
            return
    raise InvalidInvitation("There is no such invitation into this room, or not any more.")


async def admit(room: Forum, owner: Owner, person: str) -> None:
    """Let somebody in for good who was asked to come; by an invitation that nobody is told, where only that is left.

    Raises as `declare`; RoomLocked: only a moderator lets somebody in now.
    """
    proof = ""
    if not room.door.policy.moderates(owner.author.id):
        proof = proof_of(secrets.token_urlsafe(16))
        made = Rule(change="invite", ticket=ticket_of(proof), single=True, seconds=_MINUTE)
        await declare(room, owner, made)
    await declare(room, owner, Rule(change="admit", person=person, proof=proof))


def _ticket(invitation: Invitation) -> Ticket:
    return Ticket(id=invitation.ticket[:_ID], single=invitation.single, until=invitation.until, by=invitation.by)
