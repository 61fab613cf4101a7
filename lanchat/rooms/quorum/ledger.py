"""What a voter knows of its own journal: the terms of its entries, and who decides where."""

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from lanchat.rooms.quorum.messages import Append, Entry
from lanchat.rooms.quorum.voters import Configuration


class Ballot(msgspec.Struct, frozen=True):
    """What a voter has on its disk beside the log."""

    term: int = 0
    vote: str = ""


class Ledger:
    """The terms and configurations of a dense run of entries, without their contents.

    Args:
        configuration: who decides at the beginning.
        entries: what the journal holds, in order.
        term: of everything up to `top`.
        top: how much there is before these entries.

    Attributes:
        top: seq of the last entry; 0 when there is none.
    """

    def __init__(
        self, configuration: Configuration, entries: Iterable[Entry] = (), *, term: int = 0, top: int = 0
    ) -> None:
        self.top = top
        self._terms: list[tuple[int, int]] = [(0, term)]
        self._configurations: list[tuple[int, Configuration]] = [(0, configuration)]
        for entry in entries:
            self.add(entry)

    @property
    def term(self) -> int:
        """The term of the last entry; 0 when there is none."""
        return self._terms[-1][1]

    @property
    def configuration(self) -> Configuration:
        """Who decides: the last configuration that is here, whether it is acknowledged or not."""
        return self._configurations[-1][1]

    @property
    def configured(self) -> int:
        """The seq of that configuration."""
        return self._configurations[-1][0]

    def of(self, seq: int) -> int:
        """Return the term of an entry; -1 when it is not here."""
        if seq > self.top:
            return -1
        return self._terms[bisect_right(self._terms, seq, key=lambda run: run[0]) - 1][1]

    def first_of_term(self, seq: int) -> int:
        """Return the first seq of the term of an entry that is here."""
        return self._terms[bisect_right(self._terms, seq, key=lambda run: run[0]) - 1][0]

    def add(self, entry: Entry) -> None:
        """Note the next entry."""
        if entry.seq != self.top + 1 or entry.term < self.term:
            raise ValueError(f"Entry {entry.seq} of term {entry.term} cannot follow {self.top} of {self.term}.")
        self.top = entry.seq
        if entry.term > self.term:
            self._terms.append((entry.seq, entry.term))
        if entry.configuration is not None:
            self._configurations.append((entry.seq, entry.configuration))

    def unknown(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Return a run of entries from the first one on that is not here."""
        known = 0
        while known < len(entries) and self.of(entries[known].seq) == entries[known].term:
            known += 1
        return entries[known:]

    def reach(self, seq: int) -> None:
        """Note that there are entries of the last one's term up to this seq, which change no configuration."""
        self.top = max(self.top, seq)

    def cut(self, seq: int) -> None:
        """Forget what lies above this seq."""
        self.top = min(self.top, seq)
        self._terms = [run for run in self._terms if run[0] <= seq]
        self._configurations = [each for each in self._configurations if each[0] <= seq]


class Contradiction(Exception):
    """A voter says what no voter can who follows the rules: its disk was changed, or it lies."""


def check(message: Append, ledger: Ledger, acknowledged: int) -> None:
    """Return if an honest home could say this.

    Args:
        message: what a home says.
        ledger: what is here.
        acknowledged: the highest seq that is known here to be acknowledged.

    Raises:
        Contradiction: no honest home can.
    """
    seq, term = message.after, message.of
    if seq <= acknowledged and ledger.of(seq) != term:
        raise Contradiction(f"The home has another entry {seq} than the one that was acknowledged.")
    for entry in message.entries:
        if entry.seq != seq + 1 or not term <= entry.term <= message.term:
            raise Contradiction(f"The home sent entry {entry.seq} of term {entry.term} behind {seq} of {term}.")
        if entry.seq <= acknowledged and ledger.of(entry.seq) != entry.term:
            raise Contradiction(f"The home has another entry {entry.seq} than the one that was acknowledged.")
        seq, term = entry.seq, entry.term
