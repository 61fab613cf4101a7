"""Voters of one room with disks that tear, networks that lose, and clocks that stop, on a clock of its own.

Everything that happens comes from one seed. What the people see is collected as it is acknowledged; `faults` says what
of it should not be.
"""

import heapq
import itertools
import random
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import msgspec

from lanchat.rooms.quorum import effects as orders
from lanchat.rooms.quorum import ledger as ledgers
from lanchat.rooms.quorum import voter as voters
from lanchat.rooms.quorum.ledger import Contradiction
from lanchat.rooms.quorum.messages import Append, Entry, Message
from lanchat.rooms.quorum.voters import Configuration, Stance, better

NAMES = "abcde"
TICK = 0.1
_SILENT = 10.0


class Brought(msgspec.Struct, frozen=True):
    """What waits at one node, brought to the home of a term."""

    term: int
    nonces: tuple[str, ...]


class Disk:
    """What survives a crash.

    Attributes:
        entries: the log; an entry's event is the nonce of what was said, or empty.
        outbox: nonces that wait for a home, in the order in which they were said.
        ballot: term and vote.
        shown: the highest seq that was acknowledged here.
    """

    def __init__(self, first: Configuration) -> None:
        self.first = first
        self.entries: list[Entry] = []
        self.outbox: dict[str, None] = {}
        self.ballot = ledgers.Ballot()
        self.shown = 0

    def knows(self, nonce: str) -> bool:
        return any(entry.event == nonce for entry in self.entries)

    def cut(self, after: int) -> None:
        """Take out what lies above a seq; whatever was said there waits still in the outbox of somebody."""
        del self.entries[after:]


class Node:
    """One machine: a disk, and while it runs a voter whose effects are carried out one after the other."""

    def __init__(self, world: "World", name: str, disk: Disk) -> None:
        self.world = world
        self.name = name
        self.disk = disk
        self.voter: voters.Voter | None = None
        self.numbering = 0
        self.asleep = False
        self._work: deque[Callable[[], None]] = deque()
        self._busy = False
        self._life = 0

    def start(self) -> None:
        world, disk = self.world, self.disk
        self._life += 1
        self._work.clear()
        self._busy = False
        self.numbering = 0
        book = ledgers.Ledger(disk.first, disk.entries)
        self.voter = voters.Voter(self.name, book, disk.ballot, disk.shown, world.now, chance=world.chance)
        self.do(self.voter.start(world.now))

    def crash(self) -> None:
        """Lose everything but the disk; what was being done was done or was not."""
        self._life += 1
        self._work.clear()
        self.voter = None

    def say(self, nonce: str) -> None:
        """Have what a person says on the disk; their node takes it for said from then on."""
        self._queue(lambda: self._say(nonce))

    def tick(self) -> None:
        if self.voter is None or self.asleep:
            return
        self.do(self.voter.tick(self.world.now))
        self.send_waiting()

    def send_waiting(self) -> None:
        """Bring what waits here to the home, in its order; the home knows by the nonce what it has."""
        voter = self.voter
        if self.numbering:
            self._queue(self._number)
        elif voter is not None and voter.home not in {"", self.name}:
            home, term = voter.home, voter.ballot.term
            self._queue(lambda: self._send_waiting(home, term))

    def _send_waiting(self, home: str, term: int) -> None:
        if self.disk.outbox:
            self.world.send(self.name, home, Brought(term, tuple(self.disk.outbox)))

    def receive(self, sender: str, message: "Message | Brought") -> None:
        if self.voter is None or self.asleep:
            return
        if isinstance(message, Brought):
            self._queue(lambda: self._number(message.nonces, message.term))
            return
        self.world.heard[self.name][sender] = self.world.now
        try:
            self.do(self.voter.receive(sender, message, self.world.now))
        except Contradiction as error:
            self.world.contradictions.append(f"{self.name}: {error}")

    def do(self, effects: list[orders.Effect]) -> None:
        for effect in effects:
            if isinstance(effect, orders.Follow):
                self.numbering = 0  # at once: nothing that waits is numbered in a term that is over
            self._queue(lambda effect=effect: self._carry_out(effect))  # type: ignore[misc]

    def _queue(self, work: Callable[[], None]) -> None:
        self._work.append(work)
        self._go_on()

    def _go_on(self) -> None:
        if self._busy or not self._work:
            return
        self._busy = True
        life = self._life

        def done() -> None:
            if life == self._life:
                self._busy = False
                self._work.popleft()()
                self._go_on()

        self.world.later(self.world.chance.choice((0.0, 0.001, 0.01)), done)

    def _carry_out(self, effect: orders.Effect) -> None:  # noqa: C901, PLR0912 - one branch for each effect
        disk = self.disk
        match effect:
            case orders.Keep(term=term, vote=vote):
                disk.ballot = ledgers.Ballot(term, vote)
            case orders.Store(after=after, entries=entries):
                disk.cut(after)
                disk.entries += entries
            case orders.Send(to=to, message=message, last=last):
                if isinstance(message, Append):
                    message = msgspec.structs.replace(message, entries=tuple(disk.entries[message.after : last]))
                    if len(message.entries) < last - message.after:
                        return
                self.world.send(self.name, to, message)
            case orders.Acknowledged(seq=seq):
                if seq > disk.shown and len(disk.entries) >= seq:
                    self.world.show(self.name, disk.entries[:seq], disk.shown)
                    for entry in disk.entries[disk.shown : seq]:
                        disk.outbox.pop(str(entry.event), None)
                    disk.shown = seq
            case orders.Begin(term=term, after=after):
                if self._is_home(term):
                    disk.cut(after)
                    self.numbering = term
                    self._append("")
                    self._number()
            case orders.Resume(term=term):
                self.numbering = term
                self._number()
            case orders.Change(configuration=configuration):
                if self.numbering:
                    self._append("", configuration)
            case orders.Follow():
                pass

    def _is_home(self, term: int) -> bool:
        voter = self.voter
        return voter is not None and voter.standing is Stance.HOME and voter.ballot.term == term

    def _say(self, nonce: str) -> None:
        if nonce not in self.disk.outbox and not self.disk.knows(nonce):
            self.disk.outbox[nonce] = None
            self.world.said.append(nonce)
        if self.numbering:
            self._number()

    def _number(self, others: tuple[str, ...] = (), term: int = 0) -> None:
        """Number what waits here, and what other nodes brought in this term."""
        if not self.numbering or term not in {0, self.numbering}:
            return
        for nonce in [*self.disk.outbox, *others]:
            if not self.disk.knows(nonce):
                self._append(nonce)

    def _append(self, nonce: str, configuration: Configuration | None = None) -> None:
        entry = Entry(len(self.disk.entries) + 1, self.numbering, configuration, nonce)
        self.disk.entries.append(entry)
        if self.voter is not None:
            self.do(self.voter.kept([entry], self.world.now))


class World:
    """Five machines of one room.

    Args:
        seed: of everything that happens.
        size: how many of them there are.
    """

    def __init__(self, seed: int, size: int = 5) -> None:
        self.chance = random.Random(seed)
        self.now = 0.0
        self.said: list[str] = []
        self.seen: dict[int, str] = {}
        self.faults: list[str] = []
        self.contradictions: list[str] = []
        self.homes: dict[int, str] = {}
        self.heard: dict[str, dict[str, float]] = defaultdict(dict)
        self.loss = 0.0
        self.cut: set[frozenset[str]] = set()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._nonces = itertools.count()
        first = Configuration.alone(NAMES[0])
        self.nodes = {name: Node(self, name, Disk(first)) for name in NAMES[:size]}
        for node in self.nodes.values():
            node.start()
        self.later(TICK, self._tick)

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.now + seconds, next(self._order), work))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self._queue and self._queue[0][0] <= end:
            self.now, _, work = heapq.heappop(self._queue)
            work()
        self.now = end

    def send(self, sender: str, to: str, message: Any) -> None:
        """Bring a message, late, twice or never."""
        if self.chance.random() < self.loss:
            return
        for _ in range(1 + (self.chance.random() < self.loss)):
            self.later(
                self.chance.choice((0.001, 0.005, 0.02, 0.3 * bool(self.loss) + 0.001)),
                self._bring(sender, to, message),
            )

    def _bring(self, sender: str, to: str, message: Any) -> Callable[[], None]:
        def bring() -> None:
            if frozenset({sender, to}) not in self.cut:
                self.nodes[to].receive(sender, message)

        return bring

    def say(self, name: str) -> None:
        if self.nodes[name].voter is not None:
            self.nodes[name].say(f"{name}{next(self._nonces)}")

    def show(self, name: str, entries: list[Entry], shown: int) -> None:
        """Note what became visible at a node, and that it is what others see."""
        for entry in entries[shown:]:
            known = self.seen.setdefault(entry.seq, f"{entry.term} {entry.event}")
            if known != f"{entry.term} {entry.event}":
                self.faults.append(f"{name} shows {entry.term} {entry.event} at {entry.seq}, where {known} was shown")

    def _tick(self) -> None:
        for name in self.nodes:
            self.nodes[name].tick()
            self._look_after(name)
        self.later(TICK, self._tick)

    def _look_after(self, name: str) -> None:
        """Let a home choose its voters: whoever answers, and nobody who was silent for ten seconds."""
        node = self.nodes[name]
        voter = node.voter
        if voter is None or node.asleep or voter.standing is not Stance.HOME:
            return
        known = self.homes.setdefault(voter.ballot.term, name)
        if known != name:
            self.faults.append(f"{name} and {known} are home in term {voter.ballot.term}")
        present = [other for other in self.nodes if other != name and self._reaches(name, other)]
        if wanted := better(voter.ledger.configuration, name, present):
            node.do(voter.change(wanted))

    def _reaches(self, name: str, other: str) -> bool:
        """Whether a node was heard, or could be: new ones are found by other ways than these messages."""
        node = self.nodes[other]
        heard = self.heard[name].get(other, -_SILENT)
        return self.now - heard < _SILENT or (
            node.voter is not None and not node.asleep and frozenset({name, other}) not in self.cut
        )
