"""One transaction of the writer, and how an event is written down in it."""

import apsw
import msgspec

from lanchat.errors import NoSuchRoom
from lanchat.journal import keys, reading
from lanchat.journal.door import rows as doors
from lanchat.journal.records import Logged, Turn
from lanchat.journal.words import index
from lanchat.protocol import Event, encode

_HEAD = """
SELECT number << 40, term, coalesce(
    (SELECT key FROM entry WHERE key BETWEEN (number << 40) + 1 AND (number << 40) + ? ORDER BY key DESC LIMIT 1),
    number << 40)
FROM room WHERE id = ?
"""
_LOG = """
SELECT (SELECT count(*) FROM turn WHERE room = ledger.room),
    (SELECT seq FROM tail WHERE room = ledger.room ORDER BY place DESC LIMIT 1),
    (SELECT alone FROM turn WHERE room = ledger.room ORDER BY place DESC LIMIT 1)
FROM ledger WHERE room = ?
"""
_KEEP = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key >> 40, nonce) DO NOTHING"


class Head(msgspec.Struct):
    """Where a room stands: what its next event is numbered by.

    Attributes:
        base: the key just below its first event.
        term: its term.
        top: its highest seq that is acknowledged; 0 when nothing was said.
        last: its highest seq.
        turns: how many turns its log has; None when it has no voters but its home.
        direct: whether what is numbered here is acknowledged by that.
    """

    base: int
    term: int
    top: int
    last: int
    turns: int | None = None
    direct: bool = True

    @property
    def place(self) -> int:
        """The last place in its log, as its home counts: it has every entry."""
        return self.last + (self.turns or 0)


class Transaction:
    """One transaction of the writer: what it adds, until the commit makes it true.

    Args:
        connection: inside a transaction.

    Attributes:
        fresh: the events that were added, by room, in order.
        gone: the rooms that were forgotten.
        oldest: the first seq that is kept from now on, of rooms in which it changed.
        tops: the highest seq from now on, of rooms of which the end was taken away.
        logged: what was written into the logs of rooms that have voters, by room, in order.
        origins: the rooms that go on as another one, by that room, of those in which it was looked for.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.fresh: dict[str, list[Event]] = {}
        self.gone: set[str] = set()
        self.oldest: dict[str, int] = {}
        self.tops: dict[str, int] = {}
        self.logged: dict[str, list[Logged]] = {}
        self.origins: dict[str, set[str]] = {}
        self._heads: dict[str, Head] = {}

    def head(self, room: str) -> Head:
        """Return where a room stands as this transaction sees it. Raises NoSuchRoom."""
        head = self._heads.get(room)
        if head is None:
            row = self.connection.execute(_HEAD, (keys.HIGHEST, room)).get
            if row is None:
                raise NoSuchRoom
            base, term, last = row
            head = self._heads[room] = Head(base, term, last - base, last - base)
            if log := self.connection.execute(_LOG, (room,)).get:
                head.turns, waiting, alone = log
                head.last = max(head.top, waiting or 0)
                head.direct = waiting is None and alone != 0
        return head

    def number(self, event: Event, target: int | None = None) -> bool:
        """Write an event down as the room's home: into its history, or while others have to keep it first, its log.

        As `keep`.
        """
        head = self.head(event.room)
        direct = head.direct
        if direct:
            if not self.keep(event, target):
                return False
        else:
            self.connection.execute(
                "INSERT INTO tail VALUES (?, ?, ?, ?, ?)",
                (event.room, head.place + 1, event.seq, event.nonce, encode(event).decode()),
            )
            head.last = event.seq
        if head.turns is not None:
            self.logged.setdefault(event.room, []).append(Logged(head.place, event.term, event, direct=direct))
        return True

    def turn(self, room: str, voters: str, *, alone: bool) -> None:
        """Write down, as the room's home, that other voters decide, or that this node numbers in a new term.

        Raises:
            NoSuchRoom: the room was forgotten meanwhile.
        """
        head = self.head(room)
        turn = Turn(head.place + 1, head.term, head.last, voters, alone)
        self.connection.execute("INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?)", (room, *msgspec.structs.astuple(turn)))
        self._heads.pop(room)
        self.logged.setdefault(room, []).append(Logged(turn.place, turn.term, turn=turn))

    def keep(self, event: Event, target: int | None = None) -> bool:
        """Write an event down; False, and nothing done, when its room knows its nonce. Raises NoSuchRoom.

        Its words follow later: see `Indexer`.

        Args:
            event: numbered.
            target: the key of the message that it is about; None when it is about none that is kept.
        """
        head = self.head(event.room)
        self.connection.execute(
            _KEEP,
            (
                head.base + event.seq,
                event.term,
                event.nonce,
                event.author.id,
                event.author.nick,
                event.at,
                event.kind,
                reading.text_of(event.body),
                target,
                event.signature,
                event.voucher,
                event.apart,
            ),
        )
        if not self.connection.changes():
            return False
        if event.kind == "rule":
            doors.keep_rules(self.connection, event.room, [event])
        head.top = event.seq
        head.last = max(head.last, event.seq)
        self.fresh.setdefault(event.room, []).append(event)
        return True

    def remove(self, first: int, last: int) -> None:
        """Remove the events from key `first` to key `last`, and their words."""
        index.drop(self.connection, first, last)
        self.connection.execute("DELETE FROM entry WHERE key BETWEEN ? AND ?", (first, last))

    def put(self, room: str) -> None:
        """Note that a room was added, or that what is kept of it has changed."""
        self._heads.pop(room, None)

    def forget(self, room: str) -> None:
        """Note that a room and what was said in it were forgotten."""
        self._heads.pop(room, None)
        self.fresh.pop(room, None)
        self.gone.add(room)
