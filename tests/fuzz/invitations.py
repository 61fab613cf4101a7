"""Invitations: what somebody shows or takes back as one, in a room where one stands and in one where none does.

The link that has a code in it is read by the page only: assets/src/door/ticket.test.ts.
"""

import contextlib
from types import SimpleNamespace
from typing import Any

from lanchat.errors import FrameError, InvalidInvitation
from lanchat.protocol import Enter, Invitation, Policy, Revoke, check_command, encode, proof_of, ticket_of
from lanchat.protocol.codec import decode_command
from lanchat.rooms.door.tickets import found

ROOM, OTHER = "r1", "r2"
CODE = "AbCdEfGhIjKlMnOpQrStUw"
STANDS = Invitation(ticket=ticket_of(proof_of(CODE)), by="m" * 43, single=False, until=2**52)
"""An invitation that outlasts every run."""
ROOMS: dict[str, Any] = {
    room: SimpleNamespace(kind="home", online=True, door=SimpleNamespace(policy=Policy(invitations=standing)))
    for room, standing in ((ROOM, (STANDS,)), (OTHER, ()))
}


def opens(room: str, code: str) -> bool:
    """Whether a code lets somebody in. Raises what is no refusal."""
    try:
        known, proof = found(ROOMS[room], code)
    except InvalidInvitation:
        return False
    assert (known, ticket_of(proof)) == (STANDS, STANDS.ticket)
    return True


def target(data: bytes) -> None:
    """Take the bytes for a code. Only InvalidInvitation is raised, and no other code than the right one opens."""
    code = data.decode("utf-8", "replace")
    for command in (Enter(room=ROOM, invitation=code), Revoke(room=ROOM, ticket=code)):
        assert decode_command(encode(command)) == command
        with contextlib.suppress(FrameError):
            check_command(command)
    near = {code, CODE + code, code + CODE, CODE.swapcase(), CODE[:-1], STANDS.ticket, STANDS.ticket[:12]}
    for shown in near - {CODE}:
        assert not opens(ROOM, shown), shown
    assert opens(ROOM, CODE)
    assert not opens(OTHER, CODE)
    assert not opens(OTHER, code)
