"""What is not kept any more: the oldest events of a room, by number or by age."""

import msgspec

from lanchat.journal import keys, reading
from lanchat.journal.transaction import Transaction

STEP = 200
"""Most events that one transaction removes, so that nobody waits for it who says something meanwhile."""


class Retention(msgspec.Struct, frozen=True):
    """How much is kept of a room: at most `count` events, and none from before `since` (as `Event.at`)."""

    count: int | None = None
    since: int | None = None


def shorten(transaction: Transaction, room: str, retention: Retention) -> int:
    """Remove at most STEP of the oldest events that need not be kept; give how many they were.

    Only a run from the oldest event on is removed, so what stays is dense: by age, up to the first event that is young
    enough. The newest event always stays, because the next one is numbered after it.
    """
    connection = transaction.connection
    base = keys.base(connection, room)
    oldest, top = reading.oldest(connection, room), reading.top(connection, room)
    end = max(oldest, top - retention.count + 1) if retention.count is not None else oldest
    if retention.since is not None:
        young = connection.execute(
            "SELECT key FROM (SELECT key, at FROM entry WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?)"
            " WHERE at >= ? LIMIT 1",
            (base + oldest, base + keys.HIGHEST, STEP + 1, retention.since),
        ).get
        end = max(end, oldest + STEP if young is None else young - base)
    end = min(end, top, oldest + STEP)
    if end <= oldest:
        return 0
    transaction.remove(base + oldest, base + end - 1)
    transaction.oldest[room] = end
    return end - oldest
