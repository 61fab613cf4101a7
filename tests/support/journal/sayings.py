"""Drafts about messages, and short ways to say and read."""

import apsw
import msgspec

from lanchat.journal import Draft, numbering, reading
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from lanchat.journal.words.search import Query, search
from lanchat.protocol import Author, Body, Event, Hit, Kind
from tests.support.rooms.said import ADA, BOB, draft


def named(seq: int, room: str = "r1") -> str:
    """The nonce that `say`, `append` and `event` give what has this seq, unless another one is given."""
    return f"{room}-{seq}"


def about(
    target: int | str,
    kind: Kind,
    text: str = "",
    *,
    emoji: str = "",
    off: bool = False,
    author: Author = ADA,
    room: str = "r1",
) -> Draft:
    """A draft of an edit, a reaction or a deletion; a seq stands for what is `named` so in the room."""
    plain = draft(author=author, room=room)
    nonce = named(target, room) if isinstance(target, int) else target
    body = Body(text=text, target=nonce, emoji=emoji, off=off)
    return msgspec.structs.replace(plain, kind=kind, body=body)


def edit(target: int | str, text: str, author: Author = ADA) -> Draft:
    return about(target, "edit", text, author=author)


def reaction(target: int | str, emoji: str = "👍", *, off: bool = False, author: Author = BOB) -> Draft:
    return about(target, "reaction", emoji=emoji, off=off, author=author)


def deletion(target: int | str, author: Author = ADA) -> Draft:
    return about(target, "deletion", author=author)


def say(connection: apsw.Connection, *drafts: Draft | str) -> list[Event]:
    """Append drafts, or messages with these texts, let the index of words follow, and give their events."""
    events = append(connection, *drafts)
    index.follow(connection, len(events))
    return events


def append(connection: apsw.Connection, *drafts: Draft | str) -> list[Event]:
    """Append drafts, or messages with these texts, and give their events."""
    transaction = Transaction(connection)
    events = []
    for item in drafts:
        plain = draft(item, nonce=named(transaction.head("r1").top + 1)) if isinstance(item, str) else item
        events.append(numbering.append(transaction, plain).event)
    return events


def everything(connection: apsw.Connection, room: str = "r1") -> list[Event]:
    return reading.after(connection, room, 0, 100_000)


def matches(connection: apsw.Connection, room: str, text: str, before: int | None = None, limit: int = 50) -> list[Hit]:
    """Search for words in a room; nothing ends the search early."""
    return search(connection, Query(room, text, before, limit, 16), lambda: False).hits
