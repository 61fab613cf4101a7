"""What was said in another room and may stand in this one: what its owner's word stands before."""

from lanchat.errors import NotUnited, StaysApart
from lanchat.journal.door import rows as doors
from lanchat.journal.log import rows as ledgers
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event, takes_in


def check(transaction: Transaction, event: Event) -> None:
    """Return if an event may stand in its room: it was said there, or in a room that goes on as it.

    Raises:
        NotUnited: it was said in another room, whose owner has not said here that it goes on as this one.
        StaysApart: it is a rule of another room.
    """
    origin = event.body.origin
    if not origin:
        return
    origins = _origins(transaction, event.room)
    if event.kind == "rule":
        if not takes_in(event.room, origins, origin, event.author.id, event.body.text):
            raise StaysApart("A rule holds in the room in which it was said, and in no other one.")
    elif origin not in origins:
        raise NotUnited


def note(transaction: Transaction, event: Event) -> None:
    """Note an event that was checked and is kept: what was said in other rooms may follow their words."""
    if event.kind == "rule" and event.body.origin:
        _origins(transaction, event.room).add(event.body.origin)


def _origins(transaction: Transaction, room: str) -> set[str]:
    """Return the ids of the rooms that go on as this one, as far as it is said in it."""
    known = transaction.origins.get(room)
    if known is None:
        known = transaction.origins[room] = set()
        words = [*doors.words(transaction.connection, room), *ledgers.words(transaction.connection, room)]
        for word in words:
            if takes_in(room, known, word.body.origin, word.author.id, word.body.text):
                known.add(word.body.origin)
    return known
