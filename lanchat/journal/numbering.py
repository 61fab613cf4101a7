"""How events get into a room: numbered at its home, taken over by a mirror, or merged from an archive."""

import time
from collections.abc import Iterable, Sequence

import msgspec

from lanchat.errors import InvalidFrame, JournalDamaged, NoSuchMessage, NotYours, RoomError
from lanchat.journal import keys, outbox, reading
from lanchat.journal.records import Draft, Kept
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event


class Merged(msgspec.Struct, frozen=True):
    """What came of events from an archive: how many are new, were known, or do not fit the room."""

    fresh: int = 0
    known: int = 0
    refused: int = 0


def append(transaction: Transaction, draft: Draft) -> Kept:
    """Number and keep a draft whose room has its home here; a nonce that the room knows gives its event.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
        NoSuchMessage: an edit, a reaction or a deletion is about no message of the room, or about a deleted one.
        NotYours: an edit or a deletion is about somebody else's message.
        JournalDamaged: the nonce is known, but its event is not there.
    """
    head = transaction.head(draft.room)
    event = Event(
        room=draft.room,
        seq=head.top + 1,
        term=head.term,
        nonce=draft.nonce,
        author=draft.author,
        at=time.time_ns() // 1_000_000,
        kind=draft.kind,
        body=draft.body,
    )
    if event.kind != "message":
        known = reading.find(transaction.connection, event.room, event.nonce)
        if known is not None:
            return Kept(known, fresh=False)
        _check_target(transaction, event)
    if transaction.keep(event):
        return Kept(event, fresh=True)
    known = reading.find(transaction.connection, event.room, event.nonce)
    if known is None:
        raise JournalDamaged
    return Kept(known, fresh=False)


def mirror(transaction: Transaction, room: str, events: Iterable[Event], oldest: int = 1) -> None:
    """Keep events of one room under the numbers that its home gave, and take them out of the outbox.

    Events that were kept before are passed over. When the home keeps nothing below `oldest` any more, and that is
    where the events begin, what the mirror has before the gap is removed: a room is one dense run.

    Raises:
        InvalidFrame: an event is not the next of its room, has another term than the room, or its nonce stands under
            another number already; none of them is kept.
        NoSuchRoom: the room was forgotten meanwhile.
    """
    head = transaction.head(room)
    seq = head.top
    fresh = [event for event in events if event.seq > seq]
    gap = bool(fresh) and seq + 1 < fresh[0].seq == oldest
    nonces = set()
    for place, event in enumerate(fresh, oldest if gap else seq + 1):
        if event.room != room or event.seq != place or place > keys.HIGHEST:
            raise InvalidFrame(f"The home sent event {event.seq} where {place} belongs.")
        if event.term != head.term:
            raise InvalidFrame(f"The home sent event {event.seq} of term {event.term} into a room of term {head.term}.")
        if event.nonce in nonces or reading.find(transaction.connection, room, event.nonce) is not None:
            raise InvalidFrame(f"The home gave the nonce of event {event.seq} twice.")
        nonces.add(event.nonce)
    if gap:
        transaction.remove(head.base, head.base + seq)
        transaction.fresh.pop(room, None)
        transaction.oldest[room] = oldest
    for event in fresh:
        transaction.keep(event)
        outbox.dequeue(transaction.connection, room, event.nonce)


def merge(transaction: Transaction, room: str, events: Sequence[tuple[Event, str]]) -> Merged:
    """Number and keep events of an archive, each with the nonce of the message that it is about.

    An event whose nonce the room knows is passed over. Author and time stay; the number is a new one. What `append`
    would refuse is left out and counted.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
    """
    head = transaction.head(room)
    fresh = known = refused = 0
    for event, about in events:
        if reading.find(transaction.connection, room, event.nonce) is not None:
            known += 1
            continue
        target = reading.find(transaction.connection, room, about) if event.kind != "message" else None
        body = msgspec.structs.replace(event.body, target=target.seq if target else 0)
        mine = msgspec.structs.replace(event, room=room, seq=head.top + 1, term=head.term, body=body)
        try:
            _check_target(transaction, mine)
        except RoomError:
            refused += 1
            continue
        transaction.keep(mine)
        fresh += 1
    return Merged(fresh, known, refused)


def _check_target(transaction: Transaction, event: Event) -> None:
    if event.kind == "message":
        return
    if not 0 < event.body.target < event.seq:
        raise NoSuchMessage
    author = reading.author_of(transaction.connection, transaction.head(event.room).base + event.body.target)
    if author is None:
        raise NoSuchMessage
    if event.kind != "reaction" and author != event.author.id:
        raise NotYours
