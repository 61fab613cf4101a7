"""Whether what was seen was never lost, never doubled, and in one order: Jepsen's set and queue checks, pure.

Clients write down what they try, what they are told and what they see in a `History`; `Journal` is what a node's
database holds in the end; `check` compares them (https://github.com/jepsen-io/jepsen: `set-full` and `total-queue`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One numbered event: its room, its number, and the nonce under which it was said."""

    room: str
    seq: int
    nonce: str

    def __str__(self) -> str:
        return f"{self.room}/{self.seq} {self.nonce!r}"


class History:
    """What clients did and saw.

    Attributes:
        invoked: nonces by author, in the order in which they were said.
        ok: nonces whose author saw the event.
        failed: nonces that were refused for good. What is neither ok nor failed may or may not have happened.
        seen: what each reader took for new, in the order in which it did.
    """

    def __init__(self) -> None:
        self.invoked: dict[str, list[str]] = defaultdict(list)
        self.ok: set[str] = set()
        self.failed: set[str] = set()
        self.seen: dict[str, list[Entry]] = defaultdict(list)

    def invoke(self, author: str, nonce: str) -> None:
        """Note that somebody tries to say something, before the first attempt."""
        self.invoked[author].append(nonce)

    def acknowledge(self, nonce: str) -> None:
        """Note that the author saw the event."""
        self.ok.add(nonce)

    def fail(self, nonce: str) -> None:
        """Note that it was refused for good, and will not be tried again."""
        self.failed.add(nonce)

    def see(self, reader: str, entry: Entry) -> None:
        """Note that a reader took an event for new."""
        self.seen[reader].append(entry)


class Journal(msgspec.Struct, frozen=True):
    """What the database of one node holds.

    Attributes:
        name: of the node.
        entries: by room and seq, ascending.
        damage: what SQLite's own check found; nothing when the file is whole.
    """

    name: str
    entries: tuple[Entry, ...]
    damage: str = ""

    @classmethod
    def read(cls, name: str, path: Path) -> "Journal":
        """Read a database file, which a node may be using."""
        connection = apsw.Connection(str(path))
        try:
            connection.set_busy_timeout(5_000)
            found = "; ".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check"))
            rows = connection.execute("SELECT room, seq, nonce FROM event ORDER BY room, seq")
            return cls(name, tuple(Entry(*row) for row in rows), "" if found == "ok" else found)
        except (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError) as error:
            return cls(name, (), str(error))
        finally:
            connection.close()


class Verdict(msgspec.Struct, frozen=True):
    """What a check found, each as a sentence.

    Attributes:
        lost: was acknowledged or seen, and is not there; or a reader never got it.
        doubled: is there more than once, or was seen more than once.
        unexpected: is there and nobody said it, or it was refused for good.
        out_of_order: numbers with a hole, readers or copies that disagree, or an author's posts in another order.
        damaged: files that are not whole.
        recovered: nonces that nobody was told about and that are there all the same. That is allowed.
    """

    lost: list[str]
    doubled: list[str]
    unexpected: list[str]
    out_of_order: list[str]
    damaged: list[str]
    recovered: list[str]

    @property
    def faults(self) -> dict[str, list[str]]:
        """Everything that is not allowed, by kind; empty when the promise was kept."""
        kinds = ("lost", "doubled", "unexpected", "out_of_order", "damaged")
        return {kind: found for kind in kinds if (found := getattr(self, kind))}


def check(history: History, journals: Sequence[Journal], *, authors_in_order: bool = True) -> Verdict:
    """Compare what clients saw with what is kept.

    Every reader of the history is expected to have caught up before.

    Args:
        history: what clients did and saw.
        journals: the home's first, then its mirrors', which may be behind but not different.
        authors_in_order: whether the posts of one author must stand in the order in which they were said. Not so when
            one of them was refused for a while.
    """
    home, *mirrors = journals
    kept = {entry.nonce for entry in home.entries}
    invoked = {nonce for nonces in history.invoked.values() for nonce in nonces}
    return Verdict(
        lost=[*_unkept(history, home), *_missed(history, home)],
        doubled=[*_twice_kept(journals), *_twice_seen(history)],
        unexpected=[
            *(f"{nonce!r} is kept and nobody said it" for nonce in sorted(kept - invoked)),
            *(f"{nonce!r} is kept and was refused" for nonce in sorted(kept & history.failed)),
        ],
        out_of_order=[
            *(fault for journal in journals for fault in _holes(journal)),
            *(fault for mirror in mirrors for fault in _different(f"the copy of {mirror.name}", mirror.entries, home)),
            *(fault for reader, seen in history.seen.items() for fault in _different(reader, seen, home)),
            *(_descending(history)),
            *(_swapped(history, home) if authors_in_order else ()),
        ],
        damaged=[f"{journal.name}: {journal.damage}" for journal in journals if journal.damage],
        recovered=sorted(kept & invoked - history.ok - history.failed),
    )


def _unkept(history: History, home: Journal) -> Iterator[str]:
    kept = set(home.entries)
    nonces = {entry.nonce for entry in kept}
    yield from (f"{nonce!r} was acknowledged and is not kept" for nonce in sorted(history.ok - nonces))
    for reader, seen in history.seen.items():
        gone = (entry for entry in seen if entry.nonce not in nonces)
        yield from (f"{reader} saw {entry}, which is not kept" for entry in gone)


def _missed(history: History, home: Journal) -> Iterator[str]:
    for reader, seen in history.seen.items():
        rooms, nonces = {entry.room for entry in seen}, {entry.nonce for entry in seen}
        missed = (entry for entry in home.entries if entry.room in rooms and entry.nonce not in nonces)
        yield from (f"{reader} never saw {entry}" for entry in missed)


def _twice_kept(journals: Sequence[Journal]) -> Iterator[str]:
    for journal in journals:
        times = Counter((entry.room, entry.nonce) for entry in journal.entries)
        yield from (f"{journal.name} keeps {nonce!r} {n} times" for (_, nonce), n in times.items() if n > 1)


def _twice_seen(history: History) -> Iterator[str]:
    for reader, seen in history.seen.items():
        times = Counter((entry.room, entry.nonce) for entry in seen)
        yield from (f"{reader} saw {nonce!r} {n} times" for (_, nonce), n in times.items() if n > 1)


def _holes(journal: Journal) -> Iterator[str]:
    expected: Counter[str] = Counter()
    for entry in journal.entries:
        expected[entry.room] += 1
        if entry.seq != expected[entry.room]:
            yield f"{journal.name} keeps {entry} where {expected[entry.room]} belongs"
            expected[entry.room] = entry.seq


def _different(whose: str, entries: Sequence[Entry], home: Journal) -> Iterator[str]:
    nonces = {(entry.room, entry.seq): entry.nonce for entry in home.entries}
    for entry in entries:
        if (there := nonces.get((entry.room, entry.seq))) != entry.nonce:
            yield f"{whose} has {entry}, the home {'nothing' if there is None else repr(there)} there"


def _descending(history: History) -> Iterator[str]:
    for reader, seen in history.seen.items():
        last: Counter[str] = Counter()
        for entry in seen:
            if entry.seq <= last[entry.room]:
                yield f"{reader} saw {entry} after {last[entry.room]}"
            last[entry.room] = entry.seq


def _swapped(history: History, home: Journal) -> Iterator[str]:
    places = {entry.nonce: entry for entry in reversed(home.entries)}
    for author, nonces in history.invoked.items():
        last: Counter[str] = Counter()
        for entry in (places[nonce] for nonce in nonces if nonce in places):
            if entry.seq < last[entry.room]:
                yield f"{author} said {entry} after what stands at {last[entry.room]}"
            last[entry.room] = max(entry.seq, last[entry.room])
