"""Who said it: what leaves a node is signed by its author, or by the person on whose node the author is a guest.

Windows and guests are sent no signatures: they believe their node, which has checked them. What guests say at the home
of a room is signed when it leaves for the first time, because most of it never does, and a signature costs more than
all the rest of a post. An Ed25519 signature is always the same (RFC 8032, section 5.1.6), so it may be made each time.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from msgspec.structs import replace

from lanchat.errors import InvalidSignature
from lanchat.identity import names
from lanchat.identity.keys import PersonKey, verify
from lanchat.identity.statement import ballot, carriage, ownership, statement
from lanchat.journal import Draft
from lanchat.protocol import Author, Event, SignedVote, is_guest_id, is_key_id, unverified_id

FEW = 4
"""Events that are signed or checked at once; for more of them the loop goes on meanwhile."""
_REMEMBERED = 2_048
_STEP = 50
S = TypeVar("S", Event, Draft)


class Seal:
    """Signs for one node: for its person, and as a voucher for its guests.

    Args:
        key: the person's.

    Attributes:
        id: the person's.
    """

    def __init__(self, key: PersonKey) -> None:
        self.id = key.id
        self._key = key

    def said(self, draft: Draft) -> Draft:
        """Return what somebody says at this node as it is kept: signed when it is the person, else vouched for."""
        return self._signed(draft) if draft.author.id == self.id else replace(draft, voucher=self.id)

    def leaving(self, said: S) -> S:
        """Return an event or a draft as other nodes take it.

        What was said by this node's person or guests is signed if it was not yet. Where the key for that is gone,
        because it was another one when it was said, nobody can know any more who said it.
        """
        if said.signature:
            return said
        author = said.author.id
        if self.id in {author, said.voucher}:
            return self._signed(said)
        if not said.voucher and not is_key_id(author) and not is_guest_id(author):
            return said
        return replace(said, author=Author(id=unverified_id(author), nick=said.author.nick), voucher="")

    async def all_leaving(self, events: Sequence[Event]) -> list[Event]:
        """Return events as other nodes take them, and let others have their turn while many are signed."""
        ready: list[Event] = []
        for event in events:
            ready.append(self.leaving(event))
            if len(ready) % _STEP == 0:
                await asyncio.sleep(0)
        return ready

    def vow(self, node: str) -> str:
        """Return the person's signature that the node of this id is theirs."""
        return self._key.sign(ownership(node))

    def vote(self, room: str, cast: SignedVote) -> str:
        """Return the person's signature under a vote of their node."""
        return self._key.sign(ballot(room, cast.term, cast.voter, cast.candidate))

    def carry(self, room: str, digest: str) -> str:
        """Return the person's signature under a file of this SHA-256 with a room."""
        return self._key.sign(carriage(room, digest))

    def _signed(self, said: S) -> S:
        words = _statement(said)
        signature = self._key.sign(words)
        if isinstance(said, Draft):
            _known.add(_digest(self.id, signature, words))  # it comes back with a number
        return replace(said, signature=signature)


def check(said: Event | Draft) -> None:
    """Return if what is said was said by its author, or if nobody can know that and it does not look otherwise.

    Raises:
        InvalidSignature: the author has a key, or somebody is to vouch for them, and this is not signed so.
    """
    author = said.author.id
    if is_key_id(author):
        signer = author
        if said.voucher:
            raise InvalidSignature(f"{said.kind}: nobody vouches for an author who has a key.")
    elif is_guest_id(author):
        signer = said.voucher
        if not signer:
            raise InvalidSignature(f"{said.kind}: the author is a guest, and nobody vouches for them.")
    elif said.signature or said.voucher:
        raise InvalidSignature(f"{said.kind}: an author whose id is neither a key nor a guest's has no signature.")
    else:
        return
    words = _statement(said)
    digest = _digest(signer, said.signature, words)
    if digest in _known:
        return
    if not verify(signer, words, said.signature):
        raise InvalidSignature(
            f"{said.kind}: it is not signed by {'its author' if signer == author else 'who vouches for its author'}."
        )
    _known.add(digest)


async def check_all(events: Sequence[Event] | Sequence[Draft]) -> None:
    """Check what was said; much of it in a thread, which lets go of Python's lock for each. Raises InvalidSignature."""
    if len(events) <= FEW:
        _check_each(events)
    else:
        await asyncio.to_thread(_check_each, events)


def is_owner(person: str, node: str, signature: str) -> bool:
    """Return whether the person of this id has signed that the node of this id is theirs."""
    return verify(person, ownership(node), signature)


def is_ballot(room: str, cast: SignedVote) -> bool:
    """Return whether the person whom a vote names has signed it."""
    return verify(cast.person, ballot(room, cast.term, cast.voter, cast.candidate), cast.signature)


def is_carrier(person: str, room: str, digest: str, signature: str) -> bool:
    """Return whether the person of this id has written a room into a file of this SHA-256."""
    return verify(person, carriage(room, digest), signature)


def shown(event: Event) -> Event:
    """Return an event as people are sent it: without signatures, and under a name that can be shown.

    A signed name is kept as it was signed, also where the author's node allowed more than this one.
    """
    author = event.author
    nick = _tidy(author.nick)
    if nick != author.nick:
        author = Author(id=author.id, nick=nick)
    elif not event.signature and not event.voucher:
        return event
    return replace(event, author=author, signature="", voucher="")


def _check_each(events: Sequence[Event] | Sequence[Draft]) -> None:
    for event in events:
        check(event)


def _digest(signer: str, signature: str, words: bytes) -> bytes:
    return hashlib.sha256(b"".join((signer.encode(), signature.encode(), words))).digest()


def _statement(said: Event | Draft) -> bytes:
    return statement(said.body.origin or said.room, said.nonce, said.kind, said.body, said.author, said.voucher)


_tidy = lru_cache(maxsize=1_000)(names.tidy)


class _Known:
    """The last that were found right, two generations of them: who connects again is told the same once more.

    So are those that this node has signed for others to number.
    """

    def __init__(self) -> None:
        self._now: set[bytes] = set()
        self._before: set[bytes] = set()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._now or digest in self._before

    def add(self, digest: bytes) -> None:
        if len(self._now) >= _REMEMBERED:
            self._before, self._now = self._now, set()
        self._now.add(digest)


_known = _Known()
