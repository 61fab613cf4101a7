"""Whose disks decide what is acknowledged in a room, and when enough of them agree. Pure.

More than half of the voters are a quorum, or exactly half of them with the tie-breaker among them; any two quorums meet
(dynamic voting with linearly ordered copies: Jajodia and Mutchler, ACM TODS 15(2), 1990). The set changes by joint
consensus (Ongaro, Consensus: Bridging Theory and Practice, 2014, section 4.3): with a tie-breaker it would not be safe
to change one voter at a time, because {a, b} decided by a and {b} have quorums that do not meet.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Self

import msgspec

MOST = 5
"""Most voters of a room: a sixth makes nothing safer for a chat, and costs each post one disk more."""


class Stance(Enum):
    """What a voter is to a room."""

    VOTER = "voter"
    ASKING = "asking"
    STANDING = "standing"
    HOME = "home"


class Voters(msgspec.Struct, frozen=True):
    """One set of voters.

    Attributes:
        members: their ids.
        tie: the one that decides when exactly half agree; one of them.
    """

    members: tuple[str, ...]
    tie: str

    def agree(self, those: Collection[str]) -> bool:
        """Return whether those are a quorum."""
        half = 2 * sum(member in those for member in self.members) - len(self.members)
        return half > 0 or (half == 0 and self.tie in those)


class Configuration(msgspec.Struct, frozen=True):
    """Who decides now: one set of voters, or two while the first gives way to the second.

    Attributes:
        voters: the set; of two, the former.
        joint: the one that follows, while both have to agree.
    """

    voters: Voters
    joint: Voters | None = None

    @classmethod
    def alone(cls, voter: str) -> Self:
        """Return the configuration of a room that one node has made."""
        return cls(Voters((voter,), voter))

    @property
    def members(self) -> tuple[str, ...]:
        """Everybody who has a vote, each once."""
        joint = self.joint.members if self.joint else ()
        return tuple(dict.fromkeys(self.voters.members + joint))

    def without(self, voter: str) -> list[str]:
        """Return everybody who has a vote but one."""
        return [member for member in self.members if member != voter]

    def agree(self, those: Collection[str]) -> bool:
        """Return whether those are enough to decide."""
        return self.voters.agree(those) and (self.joint is None or self.joint.agree(those))

    def highest(self, kept: Mapping[str, int]) -> int:
        """Return the highest seq that enough voters keep.

        Args:
            kept: the highest seq of each voter; who is not named keeps nothing.
        """
        places = sorted({kept.get(member, 0) for member in self.members}, reverse=True)
        return next((seq for seq in places if self.agree([who for who in kept if kept[who] >= seq])), 0)


def better(now: Configuration, home: str, present: Iterable[str]) -> Voters | None:
    """Return the set of voters that should follow, or None when the one of now is right.

    Args:
        now: who decides; a change that goes on is finished first.
        home: the home, which always votes, and breaks ties of a set that it makes.
        present: who could vote and answers, the best first; the home need not be named.
    """
    if now.joint is not None:
        return None
    chosen = tuple(dict.fromkeys((home, *present)))[:MOST]
    if set(chosen) == set(now.voters.members) and now.voters.tie == home:
        return None
    return Voters(chosen, home)
