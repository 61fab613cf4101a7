"""Invitations: what somebody shows or takes back as one, at an office over a real database in memory.

The link that has a code in it is read by the page only: assets/src/door/ticket.test.ts.
"""

import contextlib
import functools
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, TypeVar

import apsw

from lanchat.errors import FrameError, InvalidInvitation
from lanchat.journal.door_store import DoorStore
from lanchat.journal.rooms import put_room
from lanchat.journal.schema import atomic, open_writer
from lanchat.journal.transaction import Transaction
from lanchat.limits import Limits
from lanchat.protocol import Enter, Revoke, check_command, encode
from lanchat.protocol.codec import decode_command
from lanchat.rooms.door.tickets import TicketOffice
from tests.support.rooms.said import record

T = TypeVar("T")
ROOM, OTHER = "r1", "r2"


class Kept:
    """What a write gives, at once."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def __await__(self) -> Generator[None, None, Any]:
        return self._result
        yield


class Desk:
    """An office with one invitation into one of two rooms. What the journal's threads do is done at once."""

    def __init__(self) -> None:
        self._database = open_writer(Path(":memory:"))
        self.office = TicketOffice(DoorStore(self._write, self._read), Limits())
        with atomic(self._database):
            for room in (ROOM, OTHER):
                put_room(Transaction(self._database), record(room))
        self.ticket, self.code = self.run(self.office.issue(ROOM, single=False, seconds=86_400))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the work gives, which waits for nothing."""
        try:
            work.send(None)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        raise AssertionError("It waits for something.")

    def opens(self, room: str, code: str) -> bool:
        """Whether a code lets somebody in. Raises what is no refusal."""
        try:
            self.run(self.office.redeem(room, code, "eve"))
        except InvalidInvitation:
            return False
        return True

    def _write(self, work: Callable[[Transaction], Any]) -> Any:
        with atomic(self._database):
            return Kept(work(Transaction(self._database)))

    async def _read(self, work: Callable[[apsw.Connection], T]) -> T:
        return work(self._database)


@functools.cache
def desk() -> Desk:
    """Return the one desk of this process."""
    return Desk()


def target(data: bytes) -> None:
    """Take the bytes for a room and a code. Only InvalidInvitation is raised, and the one that was made stands."""
    here = desk()
    room, _, code = data.decode("utf-8", "replace").partition("\0")
    for command in (Enter(room=room, invitation=code), Revoke(room=room, ticket=code)):
        assert decode_command(encode(command)) == command
        with contextlib.suppress(FrameError):
            check_command(command)
    near = {code, here.code + code, code + here.code, here.code.swapcase(), here.code[:-1], here.ticket.id}
    for shown in near - {here.code}:
        assert not here.opens(ROOM, shown), shown
    assert here.opens(room, here.code) == (room == ROOM)
    for taken_back in {code, here.code + code} - {here.code, here.ticket.id}:
        with contextlib.suppress(InvalidInvitation):
            here.run(here.office.revoke(ROOM, taken_back))
    with contextlib.suppress(InvalidInvitation):
        here.run(here.office.revoke(OTHER, here.code))
    assert here.run(here.office.standing(ROOM)) == [here.ticket]
