"""How messages are found by their words."""

import apsw
import msgspec

from lanchat.journal import keys, reading
from lanchat.journal.words.tokens import Words, expression
from lanchat.protocol import Event, Hit

_NEWEST = """
SELECT entry.key, term, nonce, author_id, author_nick, at, kind, body,
    (SELECT body FROM entry AS edit WHERE edit.target = entry.key AND kind = 'edit' ORDER BY edit.key DESC LIMIT 1)
FROM word JOIN entry ON entry.key = word.rowid
WHERE word MATCH ? AND word.rowid > ? AND word.rowid < ?
ORDER BY word.rowid DESC LIMIT ?
"""


def search(connection: apsw.Connection, room: str, text: str, before: int | None, limit: int) -> list[Hit]:
    """Return the newest messages of a room, below seq `before`, that hold all words of `text`, as they read now.

    Case and diacritics make no difference. The last word may be the beginning of one. A word of several parts, such
    as `foo-bar`, is found where its parts follow each other. Nothing in `text` has a meaning beyond its words.
    """
    words = Words(connection)
    phrases = words.phrases(text)
    base = keys.base(connection, room)
    if not phrases or not base:
        return []
    below = keys.HIGHEST + 1 if before is None else min(before, keys.HIGHEST + 1)
    rows = connection.execute(_NEWEST, (expression(phrases), base, base + below, limit))
    events = [_as_it_reads(reading.event_of(room, row[:8]), row[8]) for row in rows]
    return [Hit(event=event, marks=words.marks(event.body.text, phrases)) for event in events]


def _as_it_reads(event: Event, edited: str | None) -> Event:
    if edited is None:
        return event
    body = msgspec.structs.replace(event.body, text=reading.body_of(edited).text)
    return msgspec.structs.replace(event, body=body)
