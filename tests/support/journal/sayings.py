"""Drafts about messages, and short ways to say and read."""

import apsw
import msgspec

from lanchat.journal import Draft, numbering, reading
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from lanchat.protocol import Author, Body, Event, Kind
from tests.support.rooms.said import ADA, BOB, draft


def about(
    target: int, kind: Kind, text: str = "", *, emoji: str = "", off: bool = False, author: Author = ADA
) -> Draft:
    """A draft of an edit, a reaction or a deletion."""
    plain = draft(author=author)
    body = Body(text=text, target=target, emoji=emoji, off=off)
    return msgspec.structs.replace(plain, kind=kind, body=body)


def edit(target: int, text: str, author: Author = ADA) -> Draft:
    return about(target, "edit", text, author=author)


def reaction(target: int, emoji: str = "👍", *, off: bool = False, author: Author = BOB) -> Draft:
    return about(target, "reaction", emoji=emoji, off=off, author=author)


def deletion(target: int, author: Author = ADA) -> Draft:
    return about(target, "deletion", author=author)


def say(connection: apsw.Connection, *drafts: Draft | str) -> list[Event]:
    """Append drafts, or messages with these texts, let the index of words follow, and give their events."""
    events = append(connection, *drafts)
    index.follow(connection, len(events))
    return events


def append(connection: apsw.Connection, *drafts: Draft | str) -> list[Event]:
    """Append drafts, or messages with these texts, and give their events."""
    transaction = Transaction(connection)
    return [numbering.append(transaction, draft(item) if isinstance(item, str) else item).event for item in drafts]


def everything(connection: apsw.Connection, room: str = "r1") -> list[Event]:
    return reading.after(connection, room, 0, 100_000)
