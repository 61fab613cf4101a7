"""How messages are found by their words."""

from collections.abc import Callable
from typing import NamedTuple

import apsw
import msgspec

from lanchat.errors import SearchTooLong, SearchTooSlow
from lanchat.journal import keys, reading
from lanchat.journal.words.tokens import Words, expression
from lanchat.protocol import MAX_SENT, Event, Hit

MOST_BYTES = MAX_SENT - 1_024
"""Most bytes of the messages in one answer."""
PARTS = 4
"""Parts that a word may have, on average: a script without spaces has many words in one."""

_NEWEST = """
SELECT entry.key, term, nonce, author_id, author_nick, at, kind, body, signature, voucher, apart,
    (SELECT body FROM entry AS edit WHERE edit.target = entry.key AND kind = 'edit' ORDER BY edit.key DESC LIMIT 1)
FROM word JOIN entry ON entry.key = word.rowid
WHERE word MATCH ? AND word.rowid > ? AND word.rowid < ?
ORDER BY word.rowid DESC LIMIT ?
"""


class Query(NamedTuple):
    """What somebody looks for.

    Attributes:
        room: where.
        text: the words; case and diacritics make no difference, and nothing in it has a meaning beyond its words.
        before: only below this seq; None for all.
        limit: most messages.
        words: most words.
    """

    room: str
    text: str
    before: int | None
    limit: int
    words: int


class Findings(NamedTuple):
    """What was found, the newest first, and whether there may be more below."""

    hits: list[Hit]
    more: bool


def search(connection: apsw.Connection, query: Query, over: Callable[[], bool]) -> Findings:
    """Return the newest messages of a room that hold all words, as they read now; as many as fit into one answer.

    The last word may be the beginning of one. A word of several parts, such as `foo-bar`, is found where its parts
    follow each other.

    Args:
        connection: reads.
        query: what is looked for.
        over: whether the time for it is over. What was found by then is returned.

    Raises:
        SearchTooLong: there are too many words.
        SearchTooSlow: nothing was found by then.
    """
    words = Words(connection)
    phrases = words.phrases(query.text)
    if len(phrases) > query.words or sum(map(len, phrases)) > PARTS * query.words:
        raise SearchTooLong(f"The search has {len(phrases)} words; the most is {query.words}.")
    base = keys.base(connection, query.room)
    if not phrases or not base:
        return Findings([], more=False)
    below = keys.HIGHEST + 1 if query.before is None else min(query.before, keys.HIGHEST + 1)
    hits: list[Hit] = []
    size = 0
    connection.set_progress_handler(over, 1_000)
    try:
        for row in connection.execute(_NEWEST, (expression(phrases), base, base + below, query.limit + 1)):
            event = _as_it_reads(reading.event_of(query.room, row[:-1]), row[-1])
            hit = Hit(event=event, marks=words.marks(event.body.text, phrases))
            size += len(msgspec.json.encode(hit)) + 1
            if len(hits) == query.limit or (hits and (size > MOST_BYTES or over())):
                return Findings(hits, more=True)
            hits.append(hit)
    except apsw.InterruptError:
        if not hits:
            raise SearchTooSlow from None
        return Findings(hits, more=True)
    finally:
        connection.set_progress_handler(None)
    return Findings(hits, more=False)


def _as_it_reads(event: Event, edited: str | None) -> Event:
    if edited is None:
        return event
    body = msgspec.structs.replace(event.body, text=reading.body_of(edited).text)
    return msgspec.structs.replace(event, body=body)
