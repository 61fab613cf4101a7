"""What is not kept any more: the oldest events of a room, by number or by age."""

import msgspec

from lanchat.journal import keys, reading
from lanchat.journal.transaction import Transaction

STEP = 200
"""Most events that one transaction removes, so that nobody waits for it who says something meanwhile."""
_MARKS = 24
"""How often, in the time for which events are kept, it is noted how far a room has come."""


class Retention(msgspec.Struct, frozen=True):
    """How much is kept of a room: at most `count` events, and none from before `since` (as `Event.at`).

    Attributes:
        count: most events; None for all.
        since: what was said before this goes; None where nothing goes for its age.
        now: this node's clock, where another one dates the events: then only what was here before `since` by this
            clock goes. None where the events have their dates from this node.
    """

    count: int | None = None
    since: int | None = None
    now: int | None = None


def shorten(transaction: Transaction, room: str, retention: Retention) -> int:
    """Remove at most STEP of the oldest events that need not be kept; give how many they were.

    Only a run from the oldest event on is removed, so what stays is dense: by age, up to the first event that is young
    enough. The newest event always stays, because the next one is numbered after it.
    """
    connection = transaction.connection
    base = keys.base(connection, room)
    oldest, top = reading.oldest(connection, room), reading.top(connection, room)
    end = max(oldest, top - retention.count + 1) if retention.count is not None else oldest
    if retention.since is not None and base:
        if retention.now is None:
            old = _said_before(transaction, base, oldest, retention.since)
        else:
            old = _here_before(transaction, base, top, retention.since, retention.now)
        end = max(end, old)
    end = min(end, top, oldest + STEP)
    if end <= oldest:
        return 0
    transaction.remove(base + oldest, base + end - 1)
    transaction.oldest[room] = end
    return end - oldest


def _said_before(transaction: Transaction, base: int, oldest: int, since: int) -> int:
    """Return where the first event stands that is young enough by its date, at most one STEP on."""
    young = transaction.connection.execute(
        "SELECT key FROM (SELECT key, at FROM entry WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?)"
        " WHERE at >= ? LIMIT 1",
        (base + oldest, base + keys.HIGHEST, STEP + 1, since),
    ).get
    return oldest + STEP if young is None else int(young) - base


def _here_before(transaction: Transaction, base: int, top: int, since: int, now: int) -> int:
    """Note how far a room has come by now, and return where the first event stands that came after `since`.

    What is dated by another clock cannot be told from what is old: who has just said something under a clock that is
    three days behind would see it go. How far the room had come by when is known here.
    """
    connection, number = transaction.connection, base >> 40
    marks = "SELECT at, seq FROM arrival WHERE room = ? AND at < ? ORDER BY at DESC LIMIT 1"
    noted, reached = connection.execute(marks, (number, since)).fetchone() or (0, 0)
    connection.execute("DELETE FROM arrival WHERE room = ? AND at < ?", (number, noted))
    last, known = connection.execute(marks, (number, now + 1)).fetchone() or (0, -1)
    if known < top and now - last >= (now - since) // _MARKS:
        connection.execute("INSERT OR REPLACE INTO arrival VALUES (?, ?, ?)", (number, now, top))
    return int(reached) + 1 if reached else 0
