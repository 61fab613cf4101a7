from lanchat.identity import Seal
from lanchat.protocol import SignedVote
from lanchat.rooms.quorum.trust import BallotBox
from lanchat.rooms.quorum.trust.ballots import TERMS
from tests.support.identity import OTHER_SEAL, SEAL
from tests.support.rooms import votes

A, B, V = (f"{name}.{'0' * 16}" for name in "abv")


def vote(candidate: str, term: int = 3, *, seal: Seal = OTHER_SEAL, room: str = "r1") -> SignedVote:
    return votes.vote(candidate, term, voter=V, seal=seal, room=room)


def test_who_votes_for_two_in_one_term_is_found_out() -> None:
    box = BallotBox("r1")
    assert box.take(vote(A)) is None
    assert box.take(vote(A)) is None
    assert box.take(vote(B, 4)) is None
    assert box.take(vote(B)) == (vote(A), vote(B))
    assert box.of(3) == [vote(A)]


def test_what_the_voter_did_not_sign_in_this_room_counts_for_nothing() -> None:
    box = BallotBox("r1")
    box.take(vote(A))
    forged = SignedVote(term=3, voter=V, candidate=B, person=OTHER_SEAL.id, signature=vote(A).signature)
    assert box.take(forged) is None
    assert box.take(vote(B, room="r2")) is None
    assert box.take(vote(B, seal=SEAL)) is None, "another person cannot vote in its name"


def test_terms_that_are_long_over_are_forgotten() -> None:
    box = BallotBox("r1")
    for term in range(1, TERMS + 3):
        box.take(vote(A, term))
    assert [bool(box.of(term)) for term in (1, 2, 3)] == [False, False, True]
    assert box.take(vote(B, 1)) is None
