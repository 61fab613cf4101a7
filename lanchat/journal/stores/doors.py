"""The doors of rooms as the rest of Lanchat keeps them: over the journal's writer and reader."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import apsw

from lanchat.journal.door import DoorRecord, Invitation
from lanchat.journal.door import rows as doors
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event

T = TypeVar("T")
_ALL = -1


class Writing(Protocol):
    """Does a piece of work in the next transaction of the writer."""

    def __call__(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        """Return what the work gives, once it is kept."""


class Reading(Protocol):
    """Does a piece of work with the connection of the reader."""

    def __call__(self, work: Callable[[apsw.Connection], T]) -> Coroutine[Any, Any, T]:
        """Return what the work gives."""


class DoorStore:
    """Keeps rules, passes, passphrases and invitations. Everything raises JournalError when it cannot.

    What names a room that is gone raises NoSuchRoom. Futures take their place in the order of writes by the call.

    Args:
        write: does a piece of work in the next transaction.
        read: does one that only reads.
    """

    def __init__(self, write: Writing, read: Reading) -> None:
        self._write = write
        self._read = read

    async def record(self, room: str) -> DoorRecord:
        """Return what is kept of a room's door."""
        return await self._read(lambda c: doors.record(c, room))

    async def rules(self, room: str, after: int = 0, limit: int = _ALL) -> list[Event]:
        """Return at most `limit` rules of a room above the seq `after`, ascending."""
        return await self._read(lambda c: doors.rules(c, room, after, limit))

    def keep_rules(self, room: str, events: Sequence[Event]) -> asyncio.Future[None]:
        """Keep rules that a room's home has told, those that are older than its history as well."""
        return self._write(lambda t: doors.keep_rules(t.connection, room, events))

    def put_key(self, room: str, key: bytes) -> asyncio.Future[None]:
        """Remember what a room's passphrase was made into; empty forgets it."""
        return self._write(lambda t: doors.put_key(t.connection, room, key))

    def put_pass(self, room: str, holder: str) -> asyncio.Future[None]:
        """Remember that somebody was let in."""
        return self._write(lambda t: doors.put_pass(t.connection, room, holder))

    def drop_pass(self, room: str, holder: str = "") -> asyncio.Future[None]:
        """Forget that somebody was let in, or everybody."""
        return self._write(lambda t: doors.drop_pass(t.connection, room, holder))

    def bar(self, room: str, address: str, person: str) -> asyncio.Future[None]:
        """Remember that an address is banned with a person."""
        return self._write(lambda t: doors.bar(t.connection, room, address, person))

    def unbar(self, room: str, person: str) -> asyncio.Future[None]:
        """Forget the addresses that were banned with a person."""
        return self._write(lambda t: doors.unbar(t.connection, room, person))

    async def put_invitation(self, invitation: Invitation, now: int) -> None:
        """Keep an invitation, and forget those that have ended."""

        def work(transaction: Transaction) -> None:
            doors.drop_ended_invitations(transaction.connection, now)
            doors.put_invitation(transaction.connection, invitation)

        await self._write(work)

    async def take_invitation(self, room: str, code_hash: str, holder: str, now: int) -> bool:
        """Use an invitation, and remember in the same transaction whom it let in; False when it is not valid."""

        def work(transaction: Transaction) -> bool:
            taken = doors.take_invitation(transaction.connection, room, code_hash, now)
            if taken:
                doors.put_pass(transaction.connection, room, holder)
            return taken

        return await self._write(work)

    async def invitations(self, room: str, now: int) -> list[Invitation]:
        """Return the invitations into a room that stand, the last to end first."""
        return await self._read(lambda c: doors.invitations(c, room, now))

    async def drop_invitation(self, room: str, beginning: str) -> bool:
        """Take back an invitation by its hash or the beginning of it; False when there is none."""
        return await self._write(lambda t: doors.drop_invitation(t.connection, room, beginning))
