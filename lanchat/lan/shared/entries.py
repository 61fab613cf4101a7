"""Events as they lie in the stream of a room, and what a node takes of what lies there. Pure.

Whoever can write into Redis can put anything there. So what is read is decoded into our own types and nothing else,
and passes the checks that a home's events pass: see `lanchat.lan.link.checks`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.journal import Draft
from lanchat.lan.link import checked
from lanchat.layers.redis.connection import Reply
from lanchat.protocol import Author, Body, Event, Kind

MOST_BYTES = 64 * 1024
"""Longest words of one entry, in bytes: longer ones are no event of ours."""


class SharedWords(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What somebody said, as it lies in the field `e` of an entry: everything that Redis does not number."""

    author: Author
    kind: Kind
    body: Body
    signature: str = ""
    voucher: str = ""
    apart: bool = False


class StreamEntry(NamedTuple):
    """One entry of a stream as Redis gives it."""

    seq: int
    nonce: str
    term: int
    at: int
    words: bytes


_decoder = msgspec.json.Decoder(SharedWords)
_encoder = msgspec.json.Encoder()


def posted(draft: Draft) -> tuple[str | bytes | int, ...]:
    """Return what the script that numbers is given of a draft."""
    words = SharedWords(draft.author, draft.kind, draft.body, draft.signature, draft.voucher, draft.at > 0)
    return (draft.nonce, draft.kind, _who(draft), draft.body.target, draft.at, _encoder.encode(words))


def filled(event: Event) -> tuple[str | bytes | int, ...]:
    """Return what the script that brings events back is given of one."""
    said = (event.nonce, event.kind, _who(event), event.body.target)
    return (*said, event.term, event.at, _words_of(event))


def recalled(rule: Event) -> tuple[str | bytes | int, ...]:
    """Return what the script that brings old rules back is given of one."""
    return (rule.seq, rule.nonce, rule.term, rule.at, _words_of(rule))


def entry(reply: Reply) -> StreamEntry:
    """Return an entry of a stream.

    Raises:
        InvalidFrame: no node wrote it.
    """
    match reply:
        case [bytes() as place, [*fields]] if len(fields) % 2 == 0:
            named: Mapping[bytes, bytes] = dict(zip(fields[::2], fields[1::2], strict=True))
        case _:
            raise _no_entry(reply)
    try:
        seq, _, rest = place.partition(b"-")
        found = StreamEntry(int(seq), named[b"n"].decode(), int(named[b"t"]), int(named[b"a"]), named[b"e"])
    except (KeyError, ValueError):
        raise _no_entry(place) from None
    if rest != b"0" or len(found.words) > MOST_BYTES:
        raise _no_entry(place)
    return found


def event_of(found: StreamEntry, room: str, owner: str) -> Event:
    """Return the event that an entry holds, as it may be taken. Its signature is not looked at here.

    Args:
        found: the entry.
        room: id of the room.
        owner: id of the person whose node this is.

    Raises:
        LanchatError: no node wrote it; the sentence names what is wrong.
    """
    try:
        words = _decoder.decode(found.words)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidFrame(f"Entry {found.seq} of the stream is no event: {error}.") from None
    event = Event(
        room=room,
        seq=found.seq,
        term=found.term,
        nonce=found.nonce,
        author=words.author,
        at=found.at,
        kind=words.kind,
        body=words.body,
        signature=words.signature,
        voucher=words.voucher,
        apart=words.apart,
    )
    taken = checked(event, room, owner)
    if not isinstance(taken, Event):
        raise _no_entry(found.seq)
    return taken


def fitting_together(drafts: Iterable[Draft], most: int, size: int) -> int:
    """Return how many drafts go out together: at most `most`, and of `size` bytes of text; at least one of some."""
    count = taken = 0
    for draft in drafts:
        taken += len(draft.body.text)
        if count == most or (taken > size and count):
            break
        count += 1
    return count


def _words_of(event: Event) -> bytes:
    return _encoder.encode(
        SharedWords(event.author, event.kind, event.body, event.signature, event.voucher, event.apart)
    )


def _who(said: Draft | Event) -> str:
    """Return whose a message is: who has no key is the same person only with the same voucher."""
    return f"{said.author.id} {said.voucher}"


def _no_entry(where: object) -> InvalidFrame:
    return InvalidFrame(f"The stream holds something at {str(where)[:40]} that is no entry of a room.")
