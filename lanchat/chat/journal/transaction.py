"""One transaction of the writer, and how an event is written down in it."""

import apsw

from lanchat.chat.journal import index, keys, reading
from lanchat.chat.protocol import Event


class Transaction:
    """One transaction of the writer: what it adds, until the commit makes it true.

    Args:
        connection: inside a transaction.

    Attributes:
        fresh: the events that were added, by room, in order.
        gone: the rooms that were forgotten.
        oldest: the first seq that is kept from now on, of rooms in which it changed.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.fresh: dict[str, list[Event]] = {}
        self.gone: set[str] = set()
        self.oldest: dict[str, int] = {}

    def top(self, room: str) -> int:
        """Give the highest seq of a room as this transaction sees it."""
        fresh = self.fresh.get(room)
        return fresh[-1].seq if fresh else reading.top(self.connection, room)

    def keep(self, event: Event) -> None:
        """Write an event down. Its words follow later: see `Indexer`."""
        base = keys.base(self.connection, event.room)
        key = base + event.seq
        target = base + event.body.target if event.kind != "message" and 0 < event.body.target < event.seq else None
        self.connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                event.term,
                event.nonce,
                event.author.id,
                event.author.nick,
                event.at,
                event.kind,
                reading.text_of(event.body),
                target,
            ),
        )
        self.fresh.setdefault(event.room, []).append(event)

    def remove(self, first: int, last: int) -> None:
        """Remove the events from key `first` to key `last`, and their words."""
        index.drop(self.connection, first, last)
        self.connection.execute("DELETE FROM entry WHERE key BETWEEN ? AND ?", (first, last))
