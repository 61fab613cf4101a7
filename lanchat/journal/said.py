"""What the owner of this node said in rooms of others: by it a home cannot make up what they never said.

It is a digest of each of their posts, kept when the post is put into the outbox, and kept on when the room is emptied,
forgotten or recovered: whoever fills it again may know what was said, and needs not be believed.
"""

import hashlib
from typing import cast

import apsw
import msgspec

from lanchat.journal import reading
from lanchat.journal.records import Draft
from lanchat.protocol import Author, Body, Event

LONGEST_NICK = 24
"""Longest name that somebody is shown under, in characters."""
_OWNER = "owner"
"""The setting in which a node keeps the id of the person whose node it is."""
_CLAIMED = " (claimed)"


def create(connection: apsw.Connection) -> None:
    """Make the table, with what the owner said in rooms of others until now."""
    connection.execute("CREATE TABLE said (place INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE) STRICT")
    owner = owner_of(connection)
    rows = connection.execute(
        "SELECT nonce, kind, body FROM outbox WHERE author_id = ?1 UNION ALL"
        " SELECT nonce, kind, body FROM entry JOIN room ON room.number = key >> 40"
        " WHERE author_id = ?1 AND home_id != (SELECT value FROM setting WHERE key = 'node')",
        (owner,),
    )
    for nonce, kind, body in cast("list[tuple[str, str, str]]", rows.fetchall()):
        _note(connection, nonce, kind, reading.body_of(body))


def owner_of(connection: apsw.Connection) -> str:
    """Return the id of the person whose node it is; empty when there is none yet."""
    owner: str | None = connection.execute("SELECT value FROM setting WHERE key = ?", (_OWNER,)).get
    return owner or ""


def note(connection: apsw.Connection, draft: Draft) -> None:
    """Note a post for another home, if it is the owner's."""
    if draft.author.id == owner_of(connection):
        _note(connection, draft.nonce, draft.kind, draft.body)


def as_known(connection: apsw.Connection, event: Event, owner: str) -> Event:
    """Return an event of another home as it is kept: what the owner never said has another author.

    It is kept all the same, because a room is one dense run, and because any guest of the home may have claimed to be
    the owner: a mirror that refused it would never go on.
    """
    if event.author.id != owner or not owner or _is_noted(connection, event):
        return event
    return msgspec.structs.replace(event, author=claimed(event.author))


def claimed(author: Author) -> Author:
    """Return whom a history shows where it says that somebody spoke, and nothing here knows of it.

    It is always the same for one person, so that what hangs together stays together, and never the person.
    """
    identity = hashlib.sha256(f"lanchat claimed {author.id}".encode()).hexdigest()[:32]
    nick = author.nick[: LONGEST_NICK - len(_CLAIMED)].rstrip() or "Someone"
    return Author(id=identity, nick=nick + _CLAIMED)


def _note(connection: apsw.Connection, nonce: str, kind: str, body: Body) -> None:
    connection.execute("INSERT OR IGNORE INTO said (digest) VALUES (?)", (_digest(nonce, kind, body),))


def _is_noted(connection: apsw.Connection, event: Event) -> bool:
    digest = _digest(event.nonce, event.kind, event.body)
    noted: bool = connection.execute("SELECT EXISTS (SELECT 1 FROM said WHERE digest = ?)", (digest,)).get
    return noted


def _digest(nonce: str, kind: str, body: Body) -> bytes:
    return hashlib.sha256(msgspec.json.encode([nonce, kind, body])).digest()[:16]
