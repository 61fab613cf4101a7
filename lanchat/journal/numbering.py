"""How events get into a room: numbered at its home, taken over by a mirror, or merged from an archive."""

import time
from collections.abc import Iterable, Sequence

import msgspec

from lanchat.errors import (
    InvalidFrame,
    JournalDamaged,
    NoSuchMessage,
    NotYours,
    RoomError,
    TooManyChanges,
    TooManyReactions,
)
from lanchat.journal import keys, outbox, reading, unions
from lanchat.journal.log import rows as ledgers
from lanchat.journal.records import Draft, Kept
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event

MAX_CHANGES = 2_000
"""Most edits and reactions of one message, those that were taken back among them."""
MAX_REACTIONS = 500
"""Most reactions that stand at one message, of all people: what a page can always carry."""
MAX_REACTIONS_EACH = 20
"""Most reactions of one person that stand at one message."""

_CHANGES = "SELECT count(*) FROM (SELECT 1 FROM entry WHERE target = ? LIMIT ?)"
_REACTIONS = """
SELECT count(*), coalesce(sum(author_id = ?), 0) FROM (
    SELECT author_id, json_extract(body, '$.off') AS off, max(key) FROM entry WHERE target = ? AND kind = 'reaction'
    GROUP BY author_id, json_extract(body, '$.emoji'))
WHERE off IS NOT 1
"""


class Merged(msgspec.Struct, frozen=True):
    """What came of events from an archive: how many are new, were known, or do not fit the room."""

    fresh: int = 0
    known: int = 0
    refused: int = 0


class Refused(msgspec.Struct, frozen=True):
    """A draft that waited for a home and that the next one cannot number, and why."""

    draft: Draft
    error: RoomError


class Numbered(msgspec.Struct, frozen=True):
    """What became of a piece of what waits in an outbox.

    Attributes:
        refused: what cannot be numbered.
        place: behind which the next piece begins.
        more: whether more waits behind it.
    """

    refused: list[Refused]
    place: int
    more: bool


def append(transaction: Transaction, draft: Draft, *, brought: bool = False) -> Kept:
    """Number and keep a draft whose room has its home here; a nonce that the room knows gives its event.

    What is said here and has to be kept by others as well waits in the outbox until it is: who numbers may change.

    Args:
        transaction: in which it is done.
        draft: what somebody says.
        brought: whether another node brought it, in whose outbox it waits.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
        NoSuchMessage: an edit, a reaction or a deletion is about no message of the room, or about a deleted one.
        NotYours: an edit or a deletion is about somebody else's message.
        NotUnited, StaysApart: it was said in another room, and has no place in this one.
        TooManyReactions, TooManyChanges: the message has as many as one can have.
        JournalDamaged: the nonce is known, but its event is not there.
    """
    head = transaction.head(draft.room)
    now = time.time_ns() // 1_000_000
    event = Event(
        room=draft.room,
        seq=head.last + 1,
        term=head.term,
        nonce=draft.nonce,
        author=draft.author,
        at=min(draft.at or now, now),
        kind=draft.kind,
        body=draft.body,
        signature=draft.signature,
        voucher=draft.voucher,
        apart=draft.at > 0,
    )
    unions.check(transaction, event)
    target = None
    direct = head.direct
    if not direct or event.kind not in {"message", "rule"}:
        known = _known(transaction, draft)
        if known is not None:
            return known
    if event.kind not in {"message", "rule"}:
        target = _target(transaction, event)
        _check_space(transaction, event, target)
    if not direct and not brought:
        outbox.enqueue(transaction, draft)
    if transaction.number(event, target):
        unions.note(transaction, event)
        return Kept(event, fresh=True, place=0 if direct else head.place)
    known = _known(transaction, draft)
    if known is None:
        raise JournalDamaged
    return known


def mirror(transaction: Transaction, room: str, events: Iterable[Event], oldest: int = 1) -> None:
    """Keep events of one room under the numbers that its home gave, and take them out of the outbox.

    Events that were kept before are passed over. One that is about a message that is not kept here is kept all the
    same, because a room is one dense run. When the home keeps nothing below `oldest` any more, and that is where the
    events begin, what the mirror has before the gap is removed.

    Raises:
        InvalidFrame: an event is not the next of its room, is of a lower term than the one before or of a higher one
            than the room, its nonce stands under another number already, or it is a message behind what is about it;
            none of them is kept.
        NotYours: an edit or a deletion is about somebody else's message; none of them is kept.
        NotUnited, StaysApart: one was said in another room, and has no place in this one; none of them is kept.
        NoSuchRoom: the room was forgotten meanwhile.
    """
    head = transaction.head(room)
    seq = head.top
    fresh = [event for event in events if event.seq > seq]
    gap = bool(fresh) and seq + 1 < fresh[0].seq == oldest
    authors: dict[str, tuple[str, str]] = {}
    strays: set[str] = set()
    lowest = max(1, reading.term(transaction.connection, head.base + seq)) if fresh else 1
    for place, event in enumerate(fresh, oldest if gap else seq + 1):
        if event.room != room or event.seq != place or place > keys.HIGHEST:
            raise InvalidFrame(f"The home sent event {event.seq} where {place} belongs.")
        if not lowest <= event.term <= head.term:
            raise InvalidFrame(
                f"The home sent event {event.seq} of term {event.term} where terms {lowest} to {head.term} can follow."
            )
        lowest = event.term
        unions.check(transaction, event)
        if event.nonce in authors or reading.find(transaction.connection, room, event.nonce) is not None:
            raise InvalidFrame(f"The home gave the nonce of event {event.seq} twice.")
        if event.kind != "message":
            said = reading.said(transaction.connection, head.base, event.body.target)
            author = authors.get(event.body.target) or (said and (said.author, said.voucher))
            _check_author(event, author)
            if author is None:
                strays.add(event.body.target)
        elif event.nonce in strays or reading.was_named(transaction.connection, head.base, event.nonce):
            raise InvalidFrame(f"The home sent event {event.seq} behind what is about it.")
        authors[event.nonce] = (event.author.id, event.voucher)
        unions.note(transaction, event)
    if gap:
        transaction.remove(head.base, head.base + seq)
        transaction.fresh.pop(room, None)
        transaction.oldest[room] = oldest
    for event in fresh:
        about = event.body.target if event.kind != "message" else ""
        transaction.keep(event, reading.key_of(transaction.connection, head.base, about) if about else None)
        outbox.dequeue(transaction.connection, room, event.nonce)


def number_waiting(transaction: Transaction, room: str, place: int, most: int) -> Numbered:
    """Number, as the room's home, what waits in the outbox behind a place, so much at once. Raises NoSuchRoom."""
    refused = []
    direct = transaction.head(room).direct
    waiting = outbox.waiting(transaction.connection, room, place, most)
    for _, draft in waiting:
        try:
            append(transaction, draft)
        except RoomError as error:
            refused.append(Refused(draft, error))
        else:
            if not direct:
                continue  # until it is acknowledged
        outbox.dequeue(transaction.connection, room, draft.nonce)
    return Numbered(refused, waiting[-1][0] if waiting else place, more=len(waiting) == most)


def merge(transaction: Transaction, room: str, events: Sequence[Event]) -> Merged:
    """Number and keep events of an archive.

    An event whose nonce the room knows is passed over. Author and time stay; the number is a new one. What `append`
    would refuse is left out and counted, and so is every rule: what holds in a room is said in it, by who may, and not
    brought back from a file.

    Raises:
        NoSuchRoom: the room was forgotten meanwhile.
    """
    head = transaction.head(room)
    fresh = known = refused = 0
    for event in events:
        if (
            reading.find(transaction.connection, room, event.nonce) is not None
            or ledgers.find(transaction.connection, room, event.nonce) is not None
        ):
            known += 1
            continue
        if event.kind == "rule":
            refused += 1
            continue
        mine = msgspec.structs.replace(event, room=room, seq=head.last + 1, term=head.term)
        try:
            target = _target(transaction, mine) if mine.kind != "message" else None
        except RoomError:
            refused += 1
            continue
        transaction.number(mine, target)
        fresh += 1
    return Merged(fresh, known, refused)


def _known(transaction: Transaction, draft: Draft) -> Kept | None:
    """Return what a draft became, when the room knows its nonce."""
    connection = transaction.connection
    if (event := reading.find(connection, draft.room, draft.nonce)) is not None:
        return Kept(event, fresh=False)
    if (waiting := ledgers.find(connection, draft.room, draft.nonce)) is not None:
        return Kept(waiting[1], fresh=False, place=waiting[0])
    return None


def _target(transaction: Transaction, event: Event) -> int | None:
    """Return the key of the message that an edit, a reaction or a deletion is about, which its author may change so.

    One that is not acknowledged yet has none.
    """
    if (author := ledgers.author(transaction.connection, event.room, event.body.target)) is not None:
        _check_author(event, author)
        return None
    about = reading.standing(transaction.connection, transaction.head(event.room).base, event.body.target)
    if about is None or ledgers.is_deleted(transaction.connection, event.room, event.body.target):
        raise NoSuchMessage
    _check_author(event, (about.author, about.voucher))
    return about.key


def _check_author(event: Event, author: tuple[str, str] | None) -> None:
    """Return if the author of a message, of this id and voucher, has said this; None for a message that is not kept.

    Who has no key is the same person only with the same voucher: no node changes what others' guests said.
    """
    if author is not None and event.kind != "reaction" and (event.author.id, event.voucher) != author:
        raise NotYours


def _check_space(transaction: Transaction, event: Event, target: int | None) -> None:
    """Whatever was said about a message has to fit into the page that shows it, and to be read for it."""
    if event.kind == "deletion":
        return
    waiting = ledgers.changes(transaction.connection, event.room, event.body.target)
    if transaction.connection.execute(_CHANGES, (target, MAX_CHANGES)).get + waiting >= MAX_CHANGES:
        raise TooManyChanges(
            f"This message was changed {MAX_CHANGES} times, which is the most; only deleting it is left."
        )
    if event.kind != "reaction" or event.body.off:
        return
    standing, mine = transaction.connection.execute(_REACTIONS, (event.author.id, target)).get
    if standing + waiting >= MAX_REACTIONS:
        raise TooManyReactions(f"This message has {MAX_REACTIONS} reactions, which is the most.")
    if mine >= MAX_REACTIONS_EACH:
        raise TooManyReactions(f"You have {MAX_REACTIONS_EACH} reactions to this message, which is the most.")
