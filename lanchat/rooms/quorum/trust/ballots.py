"""Signed votes, and who is found out by them: nobody votes for two in one term."""

from lanchat.identity import is_ballot
from lanchat.protocol import SignedVote

TERMS = 8
"""The last terms of which votes are remembered."""
_MOST = 64
"""Most votes of one term that are remembered: there are five voters, and each may have come back under other ids."""


class BallotBox:
    """The votes in one room that this node knows of, each with the signature of the person whose node gave it.

    Args:
        room: id of the room.
    """

    def __init__(self, room: str) -> None:
        self._room = room
        self._cast: dict[int, dict[tuple[str, str], SignedVote]] = {}

    def take(self, ballot: SignedVote) -> tuple[SignedVote, SignedVote] | None:
        """Remember a vote; returns it and the other one when the same voter has voted for two in one term.

        A vote that nobody signed, or of a term that is long over, counts for nothing.
        """
        if not is_ballot(self._room, ballot) or ballot.term < max(self._cast, default=0) - TERMS:
            return None
        votes = self._cast.setdefault(ballot.term, {})
        known = votes.get((ballot.person, ballot.voter))
        if known is None and len(votes) < _MOST:
            votes[ballot.person, ballot.voter] = ballot
            for term in sorted(self._cast)[:-TERMS]:
                del self._cast[term]
        return (known, ballot) if known is not None and known.candidate != ballot.candidate else None

    def of(self, term: int) -> list[SignedVote]:
        """Return the votes of a term that are known here."""
        return list(self._cast.get(term, {}).values())
