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
        self._beat = now

    def beats(self, now: float) -> bool:
        """Return whether it is time for a heartbeat, once for each."""
        due = now - self._beat >= HEARTBEAT - 0.01  # clocks tick in tenths
        self._beat = now if due else self._beat
        return due

    def answer(self, member: str, now: float) -> None:
        """Note that a voter has answered."""
        self._answered[member] = now

    def answering(self, now: float) -> list[str]:
        """Return who has answered just now."""
        return [who for who, at in self._answered.items() if now - at < LEASE]

    def next(self, member: str, top: int) -> int:
        """Return the seq of the next entry for a voter."""
        return max(self._next.setdefault(member, top + 1), self.kept.get(member, 0) + 1)

    def page(self, term: int, ledger: Ledger, acknowledged: int, member: str) -> Send:
        """Return what follows for a voter, as the home of a term sends it; it is on its way by that."""
        after = self.next(member, ledger.top) - 1
        last = min(ledger.top, after + PAGE)
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
