"""Whom the home of a room could choose as voters, and where everybody is who votes or could."""

from collections.abc import Callable, Iterable

import msgspec

from lanchat.protocol import Electorate, Quorum, VoterInfo, node_of

SILENT = 10.0
"""Seconds of silence after which a voter is replaced, or dropped while the others are a quorum."""

MISSING = 3.0
"""Seconds of silence after which people are told that a machine is missing."""

LOOKS = 10.0
"""Seconds between two looks for what somebody has said who could vote."""
_MOST_EXPELLED = 1_000

Probation = Callable[[str, bool], float]
"""Gives how many seconds a machine has to be there before it may vote, by its person, and whether they spoke here."""


class _Heard(msgspec.Struct):
    """What is known of somebody.

    Attributes:
        since: when they were heard first, without a silence since.
        last: when they were heard last.
        able: whether they have the room's log.
        steady: whether their machine stays, as it says.
        person: id of the person whose node it is, as the link has shown it.
        host: where they are.
        read: when it was looked for what they have said.
    """

    since: float
    last: float
    able: bool = False
    steady: bool = False
    person: str = ""
    host: str = ""
    read: float = float("-inf")


def _at_once(_person: str, _spoke: bool) -> float:
    return 0.0


class Roll:
    """Notes who says something about a room's voters, and from where.

    Attributes:
        members: where everybody is, as far as it is known.
        spoken: ids of the people who are known to have said something in the room.
    """

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}
        self._expelled: dict[str, None] = {}
        self.members: dict[str, VoterInfo] = {}
        self.spoken: set[str] = set()

    def hear(self, frame: Quorum, address: str, now: float, person: str = "") -> bool:
        """Note who has spoken, and where they answer; returns whether they are listened to.

        Args:
            frame: what they said.
            address: where they answer, as `host:port`.
            now: the time.
            person: id of the person whose node it is.
        """
        if person in self._expelled or frame.sender in self._expelled:
            return False
        known = self._heard.get(frame.sender)
        if known is None or now - known.last > SILENT:
            known = self._heard[frame.sender] = _Heard(now, now)
        known.last, known.steady, known.person, known.host = now, frame.steady, person, address.rpartition(":")[0]
        if frame.step in {"offer", "appended"}:
            known.able = frame.yes
        # Of one node only the last id counts: it lost its disk under the others.
        for other in [voter for voter in self._heard if node_of(voter) == node_of(frame.sender)]:
            if other != frame.sender:
                del self._heard[other]
                self.members.pop(other, None)
        self.members[frame.sender] = VoterInfo(voter=frame.sender, name=frame.name, address=address)
        return True

    def part(self) -> None:
        """Count nobody as having the room's log, because it is another from now on: who has that says so again."""
        for heard in self._heard.values():
            heard.able = False

    def lacks(self, voter: str) -> None:
        """Count somebody as not having the room's log: what they have is another one."""
        if heard := self._heard.get(voter):
            heard.able = False

    def expel(self, who: str) -> bool:
        """Listen to a person's nodes no more, or to one voter; returns whether they were listened to until now."""
        if who in self._expelled:
            return False
        if len(self._expelled) >= _MOST_EXPELLED:
            del self._expelled[next(iter(self._expelled))]
        self._expelled[who] = None
        self._heard = {v: heard for v, heard in self._heard.items() if who not in {v, heard.person}}
        return True

    def learn(self, electorate: Electorate) -> None:
        """Note where members are, as somebody else says it; what was heard here counts more."""
        for member in electorate.members:
            known = self.members.get(member.voter)
            if known is None or not known.address:
                self.members[member.voter] = member

    def here(self, now: float) -> set[str]:
        """Return the ids of the nodes that were heard just now."""
        return {node_of(voter) for voter in self.heard(now)}

    def heard(self, now: float) -> set[str]:
        """Return who was heard just now."""
        return {voter for voter, heard in self._heard.items() if now - heard.last < SILENT}

    def missing(self, voters: Iterable[str], me: str, now: float) -> list[str]:
        """Return the names of the nodes of voters that were not heard for a few seconds."""
        silent = [voter for voter in voters if voter != me and not self.lately(voter, now)]
        return [self.members[voter].name for voter in silent if voter in self.members and self.members[voter].name]

    def lately(self, voter: str, now: float) -> bool:
        """Return whether somebody was heard in the last few seconds."""
        return now - self._last(voter) < MISSING

    def to_read(self, voter: str) -> str:
        """Return the person of a voter when it is time to look whether they have said something; else nothing."""
        heard = self._heard.get(voter)
        if heard is None or heard.person in self.spoken or heard.last - heard.read < LOOKS:
            return ""
        heard.read = heard.last
        return heard.person

    def stays(self, voter: str, now: float, probation: Probation) -> bool:
        """Return whether somebody is there, and has been for as long as they have to be before they may vote."""
        heard = self._heard.get(voter)
        if heard is None or now - heard.last >= SILENT:
            return False
        return now - heard.since >= probation(heard.person, heard.person in self.spoken)

    def present(self, members: Iterable[str], now: float, probation: Probation = _at_once) -> list[str]:
        """Return who could vote and answers: machines that stay first, then whoever was there longest.

        Who does not vote yet has to have the room's log, to have been there for a while, and to be the only one at
        their address, so that one machine is not many. Nodes on this machine all have one.

        Args:
            members: those who vote now.
            now: the time.
            probation: for how long one has to have been there.
        """
        voting = set(members)
        there = [(voter, heard) for voter, heard in self._heard.items() if now - heard.last < SILENT]
        there.sort(key=lambda each: (not each[1].steady, each[1].since, each[0]))
        hosts = {heard.host for voter, heard in there if voter in voting}
        chosen = []
        for voter, heard in there:
            if voter not in voting:
                beside = heard.host in hosts and not _is_loopback(heard.host)
                if beside or not heard.able or not self.stays(voter, now, probation):
                    continue
                hosts.add(heard.host)
            chosen.append(voter)
        return chosen

    def _last(self, voter: str) -> float:
        heard = self._heard.get(voter)
        return float("-inf") if heard is None else heard.last


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host.strip("[]") == "::1"
