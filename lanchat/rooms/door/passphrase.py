"""The passphrase of a room: what it is made into, and how two sides prove to each other that they know it.

Whoever listens, and whoever answers in the place of the home, learns nothing by which a passphrase could be tried out:
one attempt is one guess (SPAKE2). Nobody keeps the passphrase itself.
"""

import asyncio
import hashlib
import hmac
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lanchat.errors import NeedsInvitation, NeedsPassphrase, SlowDown, WrongPassphrase
from lanchat.rooms.door.doorway import Doorway

_ITERATIONS, _LANES, _MEMORY = 3, 4, 64 * 1024
"""The second recommended choice of RFC 9106, section 4; memory in KiB."""
_KEY = 32
_FORM = b"lanchat door 1"
MOST_WAITING = 8
"""Most passphrases that wait to be worked on; a further one is refused for now."""


def key_of(door: Doorway) -> bytes:
    """Return what the passphrase of a door was made into.

    Raises:
        NeedsInvitation: nobody comes in by a passphrase.
        NeedsPassphrase: this node does not know it.
    """
    if door.policy.door == "invite":
        raise NeedsInvitation
    if not door.key:
        raise NeedsPassphrase(
            "This Lanchat does not know the passphrase of the room itself; ask somebody in it for an invitation."
        )
    return door.key


class Workshop:
    """Works on passphrases, which takes a tenth of a second and much memory each: in a thread, one at a time."""

    def __init__(self) -> None:
        self._door = asyncio.Lock()
        self._waiting = 0

    async def derive(self, passphrase: str, room: str) -> bytes:
        """Return what a passphrase of a room is made into (Argon2id, RFC 9106). Raises SlowDown: too many wait."""
        if self._waiting >= MOST_WAITING:
            raise SlowDown("Many passphrases are looked at just now; try again in a moment.")
        self._waiting += 1
        try:
            async with self._door:
                return await asyncio.to_thread(_derive, passphrase, room)
        finally:
            self._waiting -= 1


class Exchange:
    """One side of a proof: shares are swapped, then the client shows its tag, and only then the node its own.

    The library takes care of the group (Ed25519) and of what no share may be; it is not constant in time, which is
    bearable because each run is counted as a guess.

    Args:
        key: what this side's passphrase was made into.
        room: id of the room.
        node: by what the client knows the node that answers: over TLS the fingerprint of the certificate that it
            saw, and else the node's id. A proof for one node is none for another, so it cannot be passed on.
        client: whether this side is the one that wants to come in.

    Attributes:
        share: what goes to the other side first, in hexadecimal.
    """

    def __init__(self, key: bytes, room: str, node: str, *, client: bool) -> None:
        import spake2  # noqa: PLC0415 - its group takes 30 ms to make, and most nodes see no passphrase

        side = spake2.SPAKE2_A if client else spake2.SPAKE2_B
        self._client = client
        self._side = side(key, idA=_FORM + b" client " + room.encode(), idB=_FORM + b" node " + node.encode())
        self._own: bytes = self._side.start()
        self._tags: tuple[bytes, bytes] | None = None
        self.share = self._own.hex()

    @classmethod
    def answering(cls, key: bytes, room: str, node: str, share: str) -> "Exchange":
        """Return the node's side of a proof, with the client's share. Raises WrongPassphrase when that is none."""
        exchange = cls(key, room, node, client=False)
        exchange.take(share)
        return exchange

    def take(self, share: str) -> None:
        """Take the share of the other side, once. Raises WrongPassphrase when it is none."""
        try:
            theirs = bytes.fromhex(share)
            secret: bytes = self._side.finish(theirs)
        except Exception:  # noqa: BLE001 - the library names every way to be no share by another class
            raise WrongPassphrase from None
        shares = self._own + theirs if self._client else theirs + self._own
        keys = HKDF(SHA256(), 2 * _KEY, salt=hashlib.sha256(shares).digest(), info=_FORM).derive(secret)
        self._tags = _tag(keys[:_KEY], b"client"), _tag(keys[_KEY:], b"node")

    @property
    def tag(self) -> str:
        """What proves that this side knows the passphrase, in hexadecimal; after `take`."""
        client, node = self._tags or (b"", b"")
        return (client if self._client else node).hex()

    def check(self, tag: str) -> None:
        """Return if the tag of the other side proves that it knows the passphrase. Raises WrongPassphrase."""
        if self._tags is None:
            raise WrongPassphrase
        client, node = self._tags
        if not hmac.compare_digest((node if self._client else client).hex(), tag):
            raise WrongPassphrase


def check_same(one: bytes, other: bytes) -> None:
    """Return if two passphrases were made into the same, in a time that does not say where they differ.

    Raises:
        WrongPassphrase: they were not.
    """
    if not hmac.compare_digest(one, other):
        raise WrongPassphrase


def _derive(passphrase: str, room: str) -> bytes:
    words = " ".join(unicodedata.normalize("NFKC", passphrase).split())
    kdf = Argon2id(salt=room.encode(), length=_KEY, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY)
    return kdf.derive(words.encode("utf-8", "surrogatepass"))


def _tag(key: bytes, side: bytes) -> bytes:
    return hmac.digest(key, _FORM + b" " + side, "sha256")
