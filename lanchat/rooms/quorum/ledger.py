"""What a voter knows of its own journal: the terms of its entries, and who decides where."""

from bisect import bisect_right
from collections.abc import Iterable

from lanchat.rooms.quorum.messages import Entry
from lanchat.rooms.quorum.voters import Configuration


class Ledger:
    """The terms and configurations of a dense run of entries, without their contents.

    Args:
        configuration: who decides at the beginning.
        entries: what the journal holds, in order.

    Attributes:
        top: seq of the last entry; 0 when there is none.
    """

    def __init__(self, configuration: Configuration, entries: Iterable[Entry] = ()) -> None:
        self.top = 0
        self._terms: list[tuple[int, int]] = [(0, 0)]
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

    def cut(self, seq: int) -> None:
        """Forget what lies above this seq."""
        self.top = min(self.top, seq)
        self._terms = [run for run in self._terms if run[0] <= seq]
        self._configurations = [each for each in self._configurations if each[0] <= seq]
