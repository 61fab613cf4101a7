"""People with keys, who are the same in every test."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from lanchat.identity import PersonKey, Seal
from lanchat.journal import Draft
from lanchat.protocol import Author, Body, Post, guest_id


def key(number: int) -> PersonKey:
    """Return one of so many keys as one likes."""
    return PersonKey(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


SEAL, OTHER_SEAL = Seal(key(1)), Seal(key(2))
"""The seals of the person of this node, and of the person of another one."""
MAX = Author(id=OTHER_SEAL.id, nick="Max")
"""The person of the other node."""
GUEST = Author(id=guest_id("guest-guest"), nick="Guest")


def signed(post: Post, seal: Seal = OTHER_SEAL) -> Post:
    """Return a post of a link as its node signs it."""
    assert post.author is not None
    body = Body(text=post.text, target=post.target, emoji=post.emoji, off=post.off)
    draft = seal.leaving(seal.said(Draft(post.room, post.nonce, post.author, body, post.kind)))
    return replace(post, signature=draft.signature, voucher=draft.voucher)
