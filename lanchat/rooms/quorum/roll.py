"""Whom the home of a room could choose as voters, and where everybody is who votes or could."""

from collections.abc import Iterable

import msgspec

from lanchat.protocol import Electorate, Quorum, VoterInfo, node_of

SILENT = 10.0
"""Seconds of silence after which a voter is replaced, or dropped while the others are a quorum."""

MISSING = 3.0
"""Seconds of silence after which people are told that a machine is missing."""


class _Heard(msgspec.Struct):
    """What is known of somebody: since when they were heard, when last, and whether they have the room's log."""

    since: float
    last: float
    able: bool = False


class Roll:
    """Notes who says something about a room's voters, and from where."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}
        self.members: dict[str, VoterInfo] = {}

    def hear(self, frame: Quorum, address: str, now: float) -> None:
        """Note who has spoken, and where they answer."""
        known = self._heard.get(frame.sender)
        if known is None or now - known.last > SILENT:
            known = self._heard[frame.sender] = _Heard(now, now)
        known.last = now
        if frame.step in {"offer", "appended"}:
            known.able = frame.yes
        # Of one node only the last id counts: it lost its disk under the others.
        for other in [voter for voter in self._heard if node_of(voter) == node_of(frame.sender)]:
            if other != frame.sender:
                del self._heard[other]
        self.members[frame.sender] = VoterInfo(voter=frame.sender, name=frame.name, address=address)

    def learn(self, electorate: Electorate) -> None:
        """Note where members are, as somebody else says it; what was heard here counts more."""
        for member in electorate.members:
            known = self.members.get(member.voter)
            if known is None or not known.address:
                self.members[member.voter] = member

    def here(self, now: float) -> set[str]:
        """Return the ids of the nodes that were heard just now."""
        return {node_of(voter) for voter, heard in self._heard.items() if now - heard.last < SILENT}

    def missing(self, voters: Iterable[str], me: str, now: float) -> list[str]:
        """Return the names of the nodes of voters that were not heard for a few seconds."""
        silent = [voter for voter in voters if voter != me and not self.lately(voter, now)]
        return [self.members[voter].name for voter in silent if voter in self.members and self.members[voter].name]

    def lately(self, voter: str, now: float) -> bool:
        """Return whether somebody was heard in the last few seconds."""
        return now - self._last(voter) < MISSING

    def _last(self, voter: str) -> float:
        heard = self._heard.get(voter)
        return float("-inf") if heard is None else heard.last

    def present(self, members: Iterable[str], now: float) -> list[str]:
        """Return who could vote and answers, whoever was there longest first.

        Args:
            members: those who vote now; of the others, only who has the room's log could.
            now: the time.
        """
        voting = set(members)
        there = [
            (heard.since, voter)
            for voter, heard in self._heard.items()
            if now - heard.last < SILENT and (voter in voting or heard.able)
        ]
        return [voter for _, voter in sorted(there)]
