"""The journal as a long piece of work reads it: on a thread of its own, beside everything else."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import apsw

from lanchat.errors import NoSuchRoom
from lanchat.journal import reading, rooms
from lanchat.journal.door import rows as doors
from lanchat.journal.records import RoomRecord
from lanchat.journal.schema import journal_error, open_reader
from lanchat.protocol import Event

T = TypeVar("T")


class Reader:
    """A connection that only reads. Use it with `with`, in one thread. Every method raises JournalError.

    Args:
        path: the database file, which a journal may be using.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        """Open the database."""
        self._connection = open_reader(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def room(self, room: str) -> RoomRecord:
        """Return what is kept of a room. Raises NoSuchRoom."""
        for record in self.rooms():
            if record.id == room:
                return record
        raise NoSuchRoom

    def rooms(self) -> list[RoomRecord]:
        """Return all rooms, oldest first."""
        return self._read(rooms.rooms)

    def top(self, room: str) -> int:
        """Return the highest seq of a room; 0 when nothing was said."""
        return self._read(lambda c: reading.top(c, room))

    def oldest(self, room: str) -> int:
        """Return the lowest seq that is kept of a room; 1 when nothing was said."""
        return self._read(lambda c: reading.oldest(c, room))

    def after(self, room: str, seq: int, limit: int) -> list[Event]:
        """Return at most `limit` events above `seq`, ascending."""
        return self._read(lambda c: reading.after(c, room, seq, limit))

    def later(self, room: str, run: Sequence[Event]) -> list[Event]:
        """Return what was said after a dense run about the messages in it, as Journal.later does."""
        return self._read(lambda c: reading.later(c, room, run))

    def rules(self, room: str) -> list[Event]:
        """Return the rules of a room, ascending, those that are older than its history as well."""
        return self._read(lambda c: doors.rules(c, room, 0, -1))

    def _read(self, work: Callable[[apsw.Connection], T]) -> T:
        try:
            return work(self._connection)
        except Exception as error:  # noqa: BLE001 - a row that cannot be understood is damage like any other
            raise journal_error(error) from None
