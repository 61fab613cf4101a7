"""The key of a person, which is also their id: nobody else can speak under it (Ed25519, RFC 8032)."""

import base64
import re
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lanchat.protocol import is_key_id

_SIGNATURE = re.compile(r"[0-9A-Za-z_-]{86}")


class PersonKey:
    """Signs what one person says.

    Args:
        private: the secret half.

    Attributes:
        id: the public half, base64url without padding: 43 characters (RFC 4648, section 5).
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.id = _text(private.public_key().public_bytes_raw())

    @classmethod
    def new(cls) -> Self:
        """Make a key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def private(self) -> Ed25519PrivateKey:
        """The secret half, for whoever keeps it."""
        return self._private

    def sign(self, statement: bytes) -> str:
        """Return the signature under a statement, base64url without padding: 86 characters."""
        return _text(self._private.sign(statement))


def verify(person: str, statement: bytes, signature: str) -> bool:
    """Return whether the person with this id signed the statement; False as well when id or signature is none."""
    if not is_key_id(person) or _SIGNATURE.fullmatch(signature) is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(person)).verify(_bytes(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
