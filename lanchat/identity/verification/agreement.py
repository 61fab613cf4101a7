"""What two people derive together, so that they can compare it as words. Pure.

The construction is that of Matrix's "Short Authentication String" verification (Client-Server API, section 11.12.2):
who is asked commits to an ephemeral X25519 key before they see the other one, so whoever is in between has one guess,
and words are derived by HKDF-SHA256 (RFC 5869) over everything that the two sides have to have in common. A person's id
is their Ed25519 key, so to agree on the ids is to agree on the keys.
"""

import base64
import binascii
import hashlib
import hmac
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lanchat.errors import MalformedStep
from lanchat.identity.verification.words import spoken

WORD_COUNT = 6
"""Words that are compared, of 8 bits each: a stranger in between has one guess in 2^48."""
_FORM = b"lanchat words 1"
_LENGTH = 32


class Parties(NamedTuple):
    """Who compares, where, and which time it is.

    Attributes:
        room: id of the room through which they talk.
        transaction: random id of this comparison.
        asker: id of the person who asked.
        answerer: id of the person who was asked.
    """

    room: str
    transaction: str
    asker: str
    answerer: str

    def about(self, purpose: str, *more: bytes) -> bytes:
        """Return bytes that no other comparison, and no other purpose, has: each field behind its length."""
        fields = (_FORM, purpose.encode(), *(field.encode() for field in self), *more)
        return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


class Ephemeral:
    """A key for one comparison.

    Attributes:
        public: the half that the other side is sent, 32 bytes.
    """

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def agree(self, parties: Parties, other: bytes, *, asked: bool) -> "Agreement":
        """Return what both sides have in common.

        Args:
            parties: who compares.
            other: the other side's public half.
            asked: whether this side is the one that was asked.

        Raises:
            MalformedStep: that is no key, or one with which nothing secret can be agreed on.
        """
        try:
            secret = self._private.exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError:
            raise MalformedStep("The key of the other side is none.") from None
        keys = (other, self.public) if asked else (self.public, other)
        return Agreement(secret, parties, keys)


class Agreement:
    """What the two sides have in common, if nobody is between them.

    Args:
        secret: that only they know.
        parties: who compares.
        keys: the public halves of who asked and of who was asked.

    Attributes:
        words: to be compared aloud.
    """

    def __init__(self, secret: bytes, parties: Parties, keys: tuple[bytes, bytes]) -> None:
        self._secret = secret
        self._parties = parties
        self._keys = keys
        self.words = spoken(self._derive("words", length=WORD_COUNT))

    def mac(self, person: str) -> bytes:
        """Return by what the person of this id shows that they found the words equal (HMAC-SHA256)."""
        key = self._derive("mac", person.encode(), length=_LENGTH)
        return hmac.digest(key, self._parties.about("confirmed", *self._keys, person.encode()), "sha256")

    def _derive(self, purpose: str, *more: bytes, length: int) -> bytes:
        info = self._parties.about(purpose, *self._keys, *more)
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self._secret)


def commitment(parties: Parties, public: bytes) -> bytes:
    """Return by what somebody commits to a key without showing it (SHA-256)."""
    return hashlib.sha256(parties.about("commitment", public)).digest()


def to_text(data: bytes) -> str:
    """Return bytes as a frame carries them: base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Return the 32 bytes that a frame carries. Raises MalformedStep."""
    try:
        data = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != _LENGTH or to_text(data) != text:
        raise MalformedStep("A step carries 32 bytes as 43 letters of base64url.")
    return data
