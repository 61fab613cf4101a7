"""The logs of rooms that have voters as the rest of Lanchat keeps them: over the journal's writer and reader."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from lanchat.journal import numbering, outbox, rooms
from lanchat.journal.log import rows as ledgers
from lanchat.journal.numbering import Numbered
from lanchat.journal.records import LedgerRecord, Logged, RoomRecord
from lanchat.journal.stores.doors import Reading, Writing
from lanchat.journal.transaction import Transaction

PIECE = 1_000
"""Events that are taken out of a history, or numbered, at once: so long others wait who say something meanwhile."""
OnLogged = Callable[[str, list[Logged]], None]
"""Told after the commit what this node has numbered in a room that has voters, before anybody hears of it."""


def _nobody(room: str, entries: list[Logged]) -> None:
    """Tell nobody."""


class LedgerStore:
    """Keeps logs and votes. Everything raises JournalError when it cannot, and NoSuchRoom when the room is gone.

    Futures take their place in the order of writes by the call.

    Args:
        write: does a piece of work in the next transaction.
        read: does one that only reads.

    Attributes:
        on_logged: told what was numbered.
    """

    def __init__(self, write: Writing, read: Reading) -> None:
        self._write = write
        self._read = read
        self.on_logged: OnLogged = _nobody

    async def load(self, room: str) -> LedgerRecord | None:
        """Return what is kept of a room's log; None when it has no voters."""
        return await self._read(lambda c: ledgers.load(c, room))

    async def rooms(self) -> set[str]:
        """Return the ids of the rooms that have voters."""
        return await self._read(ledgers.rooms)

    async def entries(self, room: str, after: int, last: int, most: int) -> list[Logged]:
        """Return the entries behind the place `after` up to `last`, in at most `most` bytes, as far as there are."""
        return await self._read(lambda c: ledgers.entries(c, room, after, last, most))

    async def has_said(self, room: str, person: str) -> bool:
        """Return whether somebody has said one of the last things in a room."""
        return await self._read(lambda c: ledgers.has_said(c, room, person))

    async def known(self, room: str, nonces: Iterable[str]) -> set[str]:
        """Return which of some nonces have been numbered in a room already."""
        return await self._read(lambda c: ledgers.known(c, room, nonces))

    async def waiting(self) -> int:
        """Return how many drafts wait in the outbox, in all rooms."""
        return await self._read(outbox.count)

    def found(self, room: str, me: str, first: str) -> asyncio.Future[LedgerRecord]:
        """Begin the log of a room whose home this node, the voter `me`, has been alone, and return it."""
        return self._write(lambda t: ledgers.found(t, room, me, first))

    def drop(self, room: str) -> asyncio.Future[None]:
        """Forget a room's log: nobody votes in it, and its home numbers alone."""
        return self._write(lambda t: ledgers.drop(t, room))

    def put(self, room: str, ledger: LedgerRecord) -> asyncio.Future[None]:
        """Keep a log in place of the one that is kept; its tail goes."""
        return self._write(lambda t: ledgers.put(t, room, ledger))

    def vote(self, room: str, term: int, whom: str) -> asyncio.Future[None]:
        """Keep the highest term that is known, and for whom this node has voted in it."""
        return self._write(lambda t: ledgers.vote(t, room, term, whom))

    def store(self, room: str, after: int, entries: Sequence[Logged]) -> asyncio.Future[None]:
        """Keep entries of the room's home behind the place `after`, in place of what lies there."""
        return self._write(lambda t: ledgers.store(t, room, after, entries))

    def acknowledge(self, room: str, place: int) -> asyncio.Future[None]:
        """Let everything up to a place be in the history; it is published by that. Raises as `Journal.mirror`."""

        def work(transaction: Transaction) -> None:
            events = ledgers.take_acknowledged(transaction, room, place)
            numbering.mirror(transaction, room, events)

        return self._write(work)

    def turn(self, room: str, voters: str, *, alone: bool) -> asyncio.Future[None]:
        """Number, as the home, that other voters decide."""
        return self._write(lambda t: t.turn(room, voters, alone=alone))

    def begin(self, record: RoomRecord, after: int, *, alone: bool) -> asyncio.Future[Numbered]:
        """Number from now on, as the home in a new term, behind the place `after`, what waits in the outbox first.

        Returns:
            What became of the first piece of that.
        """

        def work(transaction: Transaction) -> Numbered:
            rooms.rehome_room(transaction, record)
            ledgers.begin(transaction, record.id, after, alone=alone)
            return numbering.number_waiting(transaction, record.id, outbox.FIRST, PIECE)

        return self._write(work)

    def follow(self, record: RoomRecord, acknowledged: int) -> asyncio.Future[None]:
        """Keep that another node numbers, and up to which place the history is known to be that of the log."""

        def work(transaction: Transaction) -> None:
            rooms.rehome_room(transaction, record)
            ledgers.note(transaction, record.id, acknowledged)

        return self._write(work)

    def claim(self, record: RoomRecord, me: str, first: str) -> asyncio.Future[tuple[LedgerRecord, Numbered]]:
        """Be home by oneself, as the voter `me`, in place of a home and voters who cannot be reached.

        Returns:
            The room's log from now on, and what became of the first piece of what waited.
        """

        def work(transaction: Transaction) -> tuple[LedgerRecord, Numbered]:
            rooms.rehome_room(transaction, record)
            ledger = ledgers.found(transaction, record.id, me, first)
            return ledger, numbering.number_waiting(transaction, record.id, outbox.FIRST, PIECE)

        return self._write(work)

    def retreat(self, room: str, fork: int) -> asyncio.Future[bool]:
        """Let the last things said behind the seq `fork` wait for another home; gives whether there are more."""
        return self._write(lambda t: ledgers.retreat(t, room, fork, PIECE))

    def leave(self, record: RoomRecord) -> asyncio.Future[None]:
        """Give up the room's log, and follow the room's other home."""

        def work(transaction: Transaction) -> None:
            rooms.rehome_room(transaction, record)
            ledgers.drop(transaction, record.id)

        return self._write(work)

    def take(self, record: RoomRecord) -> asyncio.Future[Numbered]:
        """Be home where nobody votes, and number the first piece of what waits."""

        def work(transaction: Transaction) -> Numbered:
            rooms.rehome_room(transaction, record)
            ledgers.drop(transaction, record.id)
            return numbering.number_waiting(transaction, record.id, outbox.FIRST, PIECE)

        return self._write(work)

    def number_waiting(self, room: str, place: int = outbox.FIRST, *, most: int = PIECE) -> asyncio.Future[Numbered]:
        """Number, as the home, so much of what waits in the outbox behind a place."""
        return self._write(lambda t: numbering.number_waiting(t, room, place, most))

    def settle(self) -> asyncio.Future[None]:
        """Wait until everything that was to be written when this is called is kept."""
        return self._write(lambda _: None)

    def tell(self, transaction: Transaction) -> None:
        """Tell what a transaction has numbered."""
        for room, entries in transaction.logged.items():
            self.on_logged(room, entries)
