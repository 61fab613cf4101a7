"""Memberships as the rest of Lanchat keeps them: over the journal's writer and reader."""

import asyncio
from collections.abc import Sequence

from lanchat.journal.memberships import rows
from lanchat.journal.memberships.rows import MembershipRecord, Unread
from lanchat.journal.stores import Reading, Writing


class MembershipStore:
    """Keeps which rooms people are in. Everything raises JournalError when it cannot.

    Args:
        write: does a piece of work in the next transaction.
        read: does one that only reads.
    """

    def __init__(self, write: Writing, read: Reading) -> None:
        self._write = write
        self._read = read

    async def of_person(self, person: str) -> list[MembershipRecord]:
        """Return the memberships of somebody, in the order in which they were put, those that were put nowhere last."""
        return await self._read(lambda c: rows.of_person(c, person))

    def put(self, records: Sequence[MembershipRecord]) -> asyncio.Future[None]:
        """Keep memberships; those in rooms that are gone are passed over."""
        return self._write(lambda t: rows.put(t.connection, records))

    def drop(self, person: str, room: str) -> asyncio.Future[None]:
        """Forget that somebody is in a room."""
        return self._write(lambda t: rows.drop(t.connection, person, room))

    async def unread(self, room: str, person: str, read: int) -> tuple[int, list[Unread]]:
        """Return the top of a room, and the messages of others behind the seq `read` that stand in it.

        Of a long room only those among its MOST_COUNTED newest events.
        """
        return await self._read(lambda c: rows.unread(c, room, person, read))
