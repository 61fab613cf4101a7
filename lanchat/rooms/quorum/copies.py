"""What the home of a room knows of the others: what each of them has, and when it answered. Pure."""

from collections.abc import Iterable

from lanchat.rooms.quorum.effects import Send
from lanchat.rooms.quorum.ledger import Ledger
from lanchat.rooms.quorum.messages import Append

HEARTBEAT = 0.5
"""Seconds between two heartbeats of the home."""
PAGE = 500
"""Most entries in one message."""
LEASE = 1.5
"""Seconds after which a home that hears no quorum acknowledges nothing more."""
TOGETHER = 5.0
"""Most seconds in which those who are to vote from now on learn that they do."""


class Copies:
    """The copies of one log, as its home sees them.

    Args:
        members: the voters.
        now: the time at which this one became home.

    Attributes:
        kept: the highest seq that each is known to have as the home has it.
    """

    def __init__(self, members: Iterable[str] = (), now: float = 0.0) -> None:
        self.kept: dict[str, int] = {}
        self._next: dict[str, int] = {}
        self._answered = dict.fromkeys(members, now)
        self._asked: dict[str, float] = {}
        self._beat = now
        self._news = (0, now)

    def beats(self, now: float) -> bool:
        """Return whether it is time for a heartbeat, once for each."""
        due = now - self._beat >= HEARTBEAT - 0.01  # clocks tick in tenths
        self._beat = now if due else self._beat
        return due

    def answer(self, member: str, now: float) -> None:
        """Note that a voter has answered."""
        self._answered[member] = now
        self._asked.pop(member, None)

    def wants(self, member: str, top: int, now: float) -> bool:
        """Return whether a voter is to be sent something now: one page at a time, so that what waits shares the next.

        What was not answered in the time of a heartbeat is taken for lost.
        """
        return self.next(member, top) <= top and now - self._asked.get(member, float("-inf")) >= HEARTBEAT

    def know(self, members: Iterable[str], seq: int, now: float) -> bool:
        """Return whether some voters have an entry that is new, or have had the time to learn of it."""
        if self._news[0] != seq:
            self._news = (seq, now)
        return now - self._news[1] >= TOGETHER or all(self.kept.get(each, 0) >= seq for each in members)

    def answering(self, now: float) -> list[str]:
        """Return who has answered just now."""
        return [who for who, at in self._answered.items() if now - at < LEASE]

    def nearest(self, members: Iterable[str], now: float) -> str:
        """Return which of some voters answers and lacks least; empty when none answers."""
        answering = set(self.answering(now))
        return max((each for each in members if each in answering), key=lambda each: self.kept.get(each, 0), default="")

    def next(self, member: str, top: int) -> int:
        """Return the seq of the next entry for a voter."""
        return max(self._next.setdefault(member, top + 1), self.kept.get(member, 0) + 1)

    def page(self, term: int, ledger: Ledger, acknowledged: int, member: str, now: float) -> Send:
        """Return what follows for a voter, as the home of a term sends it; it is on its way by that."""
        after = self.next(member, ledger.top) - 1
        last = min(ledger.top, after + PAGE)
        if last > after:
            self._asked[member] = now
        self.sent(member, last)
        return Send(member, Append(term, after, ledger.of(after), (), acknowledged), last)

    def sent(self, member: str, last: int) -> None:
        """Note that everything up to a seq is on its way to a voter."""
        self._next[member] = last + 1

    def took(self, member: str, seq: int) -> None:
        """Note that a voter has everything up to a seq."""
        self.kept[member] = max(self.kept.get(member, 0), seq)

    def refused(self, member: str, seq: int) -> None:
        """Note that a voter has no more than this seq of what the home has."""
        self._next[member] = max(seq, self.kept.get(member, 0)) + 1
