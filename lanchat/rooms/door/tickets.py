"""Invitations into rooms: a code of 128 random bits, of which the node keeps the hash only."""

import hashlib
import re
import secrets
import time

from lanchat.errors import InvalidInvitation, LimitReached
from lanchat.journal import DoorStore, Invitation
from lanchat.limits import Limits
from lanchat.protocol import Ticket

_ID = 12
"""Hexadecimal digits of an invitation's hash by which its maker can take it back."""
_id = re.compile(f"[0-9a-f]{{{_ID}}}")


class TicketOffice:
    """The invitations that were made at this node. They let people in here, and nowhere else.

    Args:
        store: remembers them.
        limits: how many into one room may stand.
    """

    def __init__(self, store: DoorStore, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    async def issue(self, room: str, *, single: bool, seconds: int) -> tuple[Ticket, str]:
        """Make an invitation, and return it with its code, which nobody can be told again.

        Raises:
            LimitReached: too many stand.
            NoSuchRoom, JournalError: it cannot be kept.
        """
        now = _now()
        if len(await self._store.invitations(room, now)) >= self._limits.invitations:
            raise LimitReached(f"{self._limits.invitations} invitations into this room stand; take some back first.")
        code = secrets.token_urlsafe(16)
        invitation = Invitation(_hash(code), room, single, now + 1_000 * seconds)
        await self._store.put_invitation(invitation, now)
        return _ticket(invitation), code

    async def redeem(self, room: str, code: str, holder: str) -> None:
        """Let somebody in by a code, and remember that. Raises InvalidInvitation: it is not valid for this room."""
        if not await self._store.take_invitation(room, _hash(code), holder, _now()):
            raise InvalidInvitation

    async def standing(self, room: str) -> list[Ticket]:
        """Return the invitations into a room that stand, the last to end first."""
        return [_ticket(invitation) for invitation in await self._store.invitations(room, _now())]

    async def revoke(self, room: str, ticket: str) -> None:
        """Take an invitation back, by its id or its code. Raises InvalidInvitation: there is none."""
        beginning = ticket if _id.fullmatch(ticket) else _hash(ticket)
        if not await self._store.drop_invitation(room, beginning):
            raise InvalidInvitation("There is no such invitation into this room, or not any more.")


def _ticket(invitation: Invitation) -> Ticket:
    return Ticket(id=invitation.hash[:_ID], single=invitation.single, until=invitation.until)


def _hash(code: str) -> str:
    return hashlib.sha256(b"lanchat invitation 1\n" + code.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> int:
    return time.time_ns() // 1_000_000
