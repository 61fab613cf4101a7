"""What an id says of the person who has it: one with a key, a guest for whom a node vouches, or nobody can know."""

import hashlib
import re
from typing import Literal

_KEY_ID = re.compile(r"[0-9A-Za-z_-]{43}")
_GUEST_ID = re.compile(r"g-[0-9a-f]{32}")
AuthorKind = Literal["verified", "guest", "unverified"]
"""What stands behind an author: their own key, the voucher of the node where they are a guest, or nothing."""


def author_kind(person: str) -> AuthorKind:
    """Return what stands behind the author with this id."""
    if is_key_id(person):
        return "verified"
    return "guest" if is_guest_id(person) else "unverified"


def is_key_id(person: str) -> bool:
    """Return whether an id is that of a person with a key."""
    return _KEY_ID.fullmatch(person) is not None


def is_guest_id(person: str) -> bool:
    """Return whether an id is that of a guest: somebody for whom a node vouches."""
    return _GUEST_ID.fullmatch(person) is not None


def guest_id(secret: str) -> str:
    """Return the id of a guest whose browser holds this secret; the id tells nobody the secret."""
    return f"g-{_digest('guest', secret)}"


def travelling_secret(node: str, seed: str) -> str:
    """Return the secret by which a guest of a node is known at other nodes, too, so that they have one id at all.

    Args:
        node: id of the node where they are a guest at first.
        seed: what only their browser and that node know.
    """
    digest = hashlib.sha256(f"lanchat seed 1\n{seed}".encode()).hexdigest()
    return f"{node}-{digest}"


def is_guest_secret_of(node: str, secret: str) -> bool:
    """Return whether a secret is one by which guests of this node are known at others; here they show their seed."""
    return secret.startswith(f"{node}-")


def unverified_id(person: str) -> str:
    """Return under which id stands what somebody of this id is said to have said, and nobody can know.

    It is always the same one, so that a person's words stay together, and nobody can speak under it.
    """
    return f"u-{_digest('unverified', person)}"


def _digest(what: str, text: str) -> str:
    data = f"lanchat {what} 1\n".encode() + text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:32]
