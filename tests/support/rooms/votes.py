"""Signed votes for tests."""

from msgspec.structs import replace

from lanchat.identity import Seal
from lanchat.protocol import SignedVote
from tests.support.identity import OTHER_SEAL


def vote(candidate: str, term: int = 3, *, voter: str, seal: Seal = OTHER_SEAL, room: str = "r1") -> SignedVote:
    """Return a vote of a voter whose node is that of the person with the seal."""
    cast = SignedVote(term=term, voter=voter, candidate=candidate, person=seal.id, signature="")
    return replace(cast, signature=seal.vote(room, cast))
