"""The doors of rooms as the rest of Lanchat keeps them: over the journal's writer and reader."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import apsw

from lanchat.journal.door import DoorRecord, Grave
from lanchat.journal.door import rows as doors
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event

T = TypeVar("T")
_ALL = -1
PIECE = 500
"""Rooms whose doors are read at once: so long others wait who read something meanwhile."""


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
        doubtful: whether rules may be missing, because the database was damaged.

    Attributes:
        doubtful: whether rules may be missing, because the database was damaged.
    """

    def __init__(self, write: Writing, read: Reading, *, doubtful: bool = False) -> None:
        self._write = write
        self._read = read
        self.doubtful = doubtful

    async def kept(self, rooms: Sequence[str]) -> list[tuple[list[Event], DoorRecord]]:
        """Return what is kept of the doors of some rooms: all rules of each, and what else there is."""

        def work(connection: apsw.Connection) -> list[tuple[list[Event], DoorRecord]]:
            return [(doors.rules(connection, room, 0, _ALL), doors.record(connection, room)) for room in piece]

        found = []
        for first in range(0, len(rooms), PIECE):
            piece = rooms[first : first + PIECE]
            found += await self._read(work)
        return found

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

    def bury(self, event: Event) -> asyncio.Future[None]:
        """Remember that the owner of a room has deleted it for everybody, by the event that says so."""
        return self._write(lambda t: doors.bury(t.connection, event))

    async def graves(self) -> set[str]:
        """Return the ids of the rooms that were deleted for everybody."""
        return await self._read(doors.graves)

    async def grave(self, room: str) -> Grave | None:
        """Return who deleted a room for everybody; None when nobody did."""
        return await self._read(lambda c: doors.grave(c, room))

    def put_name(self, room: str, name: str) -> asyncio.Future[None]:
        """Call a room by another name."""
        return self._write(lambda t: doors.put_name(t.connection, room, name))
