"""What is on the disk of a room's log, as far as a seat has to know it: its turns, and what is not in the history."""

import secrets
from collections import deque
from collections.abc import Iterable, Sequence

from lanchat.journal import LedgerRecord, Logged, RoomRecord, Turn
from lanchat.protocol import Electorate, Event, VoterInfo, node_of
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.ledger import Ledger
from lanchat.rooms.quorum.messages import Entry
from lanchat.rooms.quorum.voters import MOST, Configuration


class Log:
    """Follows what is written into one log. Events and turns are counted together by their places.

    Args:
        record: what the journal keeps of it.
        top: seq of the last event of the history.
        home: whether this node numbers the room. Then everything in the history is in the log; else the link may
            have brought more of it already.

    Attributes:
        record: what the journal kept when the seat was taken.
        first: who decided before the first turn.
        turns: every turn, ascending.
        moved: the highest place up to which everything is in the history.
    """

    def __init__(self, record: LedgerRecord, top: int, *, home: bool) -> None:
        first = wire.read_electorate(record.first)
        assert first is not None  # noqa: S101 - a log begins with somebody who decides
        self.record = record
        self.first: Electorate = first
        self.turns = list(record.turns)
        self.moved = record.acknowledged
        if home and not record.tail:
            self.moved = max(self.moved, top + sum(turn.seq <= top for turn in self.turns))
        above = [*(turn.place for turn in self.turns), *(place for place, _ in record.tail)]
        self._unmoved = deque(sorted(place for place in above if place > self.moved))

    @property
    def settled(self) -> list[Turn]:
        """The turns that are acknowledged."""
        return [turn for turn in self.turns if turn.place <= self.moved]

    def ledger(self) -> Ledger:
        """Return what a voter knows of it."""
        ledger = Ledger(wire.configuration_of(self.first), term=self.record.base)
        entries: list[tuple[int, Turn | Event]] = [(turn.place, turn) for turn in self.turns]
        entries += self.record.tail
        for place, entry in sorted(entries, key=lambda each: each[0]):
            electorate = wire.read_electorate(entry.voters) if isinstance(entry, Turn) else None
            ledger.reach(place - 1)
            ledger.add(Entry(place, entry.term, wire.configuration_of(electorate) if electorate is not None else None))
        ledger.reach(self.moved)
        return ledger

    def members(self) -> list[VoterInfo]:
        """Return everybody who votes or voted, as it was said last."""
        said = [self.first, *filter(None, (wire.read_electorate(turn.voters) for turn in self.turns))]
        return list({member.voter: member for electorate in said for member in electorate.members}.values())

    def deciders(self, seq: int) -> set[str]:
        """Return the ids of the nodes that decided a seq or later: one of those may have gone on alone behind it."""
        said = [(0, self.first), *((turn.seq, wire.read_electorate(turn.voters)) for turn in self.turns)]
        made = [(at, electorate) for at, electorate in said if electorate is not None]
        begins = max(number for number, (at, _) in enumerate(made) if at < seq or number == 0)
        named = [member.voter for member in self.first.members]  # where this log is a branch, of whom it parted from
        return {node_of(voter) for _, each in made[begins:] for voter in (*each.voters, *each.joint, *named)}

    def seq(self, place: int) -> int:
        """Return the seq of the last event up to a place."""
        return place - sum(turn.place <= place for turn in self.turns)

    def alone(self, configuration: Configuration) -> bool:
        """Return whether this node is a quorum by itself where somebody decides."""
        return configuration.agree([self.record.me])

    def add(self, entries: Sequence[Logged]) -> None:
        """Note what was written behind everything else."""
        for entry in entries:
            if entry.turn is not None:
                self.turns.append(entry.turn)
            if not entry.direct:
                self._unmoved.append(entry.place)

    def replace(self, after: int, entries: Sequence[Logged]) -> None:
        """Note what was written behind a place, instead of what was there."""
        while self._unmoved and self._unmoved[-1] > after:
            self._unmoved.pop()
        self.turns = [turn for turn in self.turns if turn.place <= after]
        self.add(entries)

    @property
    def unmoved(self) -> int:
        """How many entries are not in the history yet."""
        return len(self._unmoved)

    def waits(self, place: int) -> bool:
        """Return whether something up to a place is not in the history yet."""
        return bool(self._unmoved) and self._unmoved[0] <= place

    def move(self, place: int) -> None:
        """Note that everything up to a place is in the history."""
        while self.waits(place):
            self._unmoved.popleft()
        self.moved = max(self.moved, place)


def branch(record: RoomRecord, node: str, log: Log | None, known: Iterable[VoterInfo], top: int) -> Electorate:
    """Return who decides where a node goes on by itself, with everybody who may have gone on without it.

    Args:
        record: the room, as it was until now.
        node: id of the node.
        log: its log until now, if it has one.
        known: those who may have gone on; who is named twice was last where it is said last.
        top: seq of the last event of its history.
    """
    home = VoterInfo(
        voter=f"{record.home.id}.{'0' * 16}", name=record.home.name, address=next(iter(record.addresses), "")
    )
    others: dict[str, VoterInfo] = {}
    for member in (home, *known):
        if member.address or node_of(member.voter) not in others:
            others[node_of(member.voter)] = member
    others.pop(node, None)
    me = f"{node}.{secrets.token_hex(8)}"
    forks = (top + 1, log.first.since if log is not None else 0)
    members = [VoterInfo(voter=me), *list(others.values())[-2 * MOST + 1 :]]
    return Electorate(voters=[me], tie=me, members=members, since=min(filter(None, forks)))
