"""Voters of one room with disks that are torn, lost and copied, networks that lose, and clocks that stop and jump.

People may go on alone, or let their machines do it after a while, which makes a log of its own; those join when they
meet.

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
from lanchat.rooms.quorum.patience import Patience, turn_of
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
        branch: number of the log, which is another one where somebody went on alone.
        led: the term of the last home that was followed, or that this was.
        since: which of the words was the first that people said who went on without the others; 0 where nobody did.
    """

    def __init__(self, first: Configuration) -> None:
        self.first = first
        self.entries: list[Entry] = []
        self.branch = 0
        self.since = 0
        self.led = 0
        self.outbox: dict[str, None] = {}
        self.ballot = ledgers.Ballot()
        self.shown = 0

    def copy(self) -> "Disk":
        """Return what a copy of this disk holds."""
        other = Disk(self.first)
        other.entries, other.outbox, other.ballot = list(self.entries), dict(self.outbox), self.ballot
        other.shown, other.branch, other.since, other.led = self.shown, self.branch, self.since, self.led
        return other

    def words(self, place: int | None = None) -> list[str]:
        """Return what was said up to a place, without turns."""
        return [str(entry.event) for entry in self.entries[:place] if entry.event]

    def before(self, word: int) -> int:
        """Return the place before a word, which is counted from 1; the last place when there are fewer."""
        places = [entry.seq for entry in self.entries if entry.event]
        return places[word - 1] - 1 if word <= len(places) else len(self.entries)

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
        self.me = f"{name}.0"
        self.ahead = 0.0
        self.patience = Patience()
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
        self.patience = Patience()
        self.voter = voters.Voter(self.me, book, disk.ballot, disk.shown, self.clock, chance=world.chance)
        self.do(self.voter.start(self.clock))

    @property
    def clock(self) -> float:
        """The time, as this machine has it: it only goes forward, but it may jump."""
        return self.world.now + self.ahead

    def renew(self) -> None:
        """Vote under another id from now on: what was promised under the former one may be gone."""
        self.me = f"{self.name}.{next(self.world.ids)}"

    def bring_back(self, disk: Disk) -> None:
        """Start with another disk: an older one, an empty one, or the copy of somebody else's."""
        self.crash()
        self.world.torn.add(self.name)
        gone = set(self.disk.outbox) - set(disk.outbox)
        self.world.said = [word for word in self.world.said if word not in gone or self.world.was_seen(word)]
        disk.ballot = ledgers.Ballot(max(self.disk.ballot.term, disk.ballot.term) if disk.entries else 0)
        self.disk = disk
        self.forget_promises()
        self.start()

    def forget_promises(self) -> None:
        """Do what somebody does who may have promised what is not on the disk."""
        self.renew()

    def claim(self) -> None:
        """Go on alone with what was acknowledged, in a higher term; whatever waits is numbered here."""
        if self.voter is None or self.numbering:
            return
        disk = self.disk
        self.renew()
        disk.cut(disk.shown)
        term = max(1, disk.ballot.term, self.voter.ballot.term) + 1
        disk.since = self.first_of(len(disk.words()) + 1, disk.since)
        disk.branch = next(self.world.ids)
        disk.ballot = ledgers.Ballot(term, self.me)
        disk.entries.append(Entry(len(disk.entries) + 1, term, Configuration.alone(self.me), ""))
        self.crash()
        self.start()

    def join(self, home: "Node") -> None:
        """Follow those who went on elsewhere; what was acknowledged here since then waits for their home."""
        disk, theirs = self.disk, home.disk
        fork = self.first_of(theirs.since, disk.since)
        mine, others = disk.words(disk.shown), theirs.words()  # a home shows what it has only once it numbered itself
        if mine[: fork - 1] != others[: min(fork - 1, len(mine))]:
            self.world.faults.append(f"{self.name} and {home.name} parted before {fork}")
        joined = theirs.copy()
        joined.cut(theirs.before(fork))
        joined.shown = len(joined.entries)
        joined.ballot = ledgers.Ballot(theirs.ballot.term)
        joined.led = max(disk.led, theirs.ballot.term)
        joined.outbox = {
            word: None for word in self.waiting(mine[fork - 1 :]) if word not in joined.words(joined.shown)
        }
        self.disk = joined
        self.renew()
        self.crash()
        self.start()

    def first_of(self, new: int, known: int) -> int:
        """Return which word is the first that was said apart, where people parted several times; 0 is never."""
        return min(filter(None, (new, known)))

    def waiting(self, apart: list[str]) -> dict[str, None]:
        """Return what waits once others join: what was said apart goes before what waits already."""
        return dict.fromkeys([*apart, *(word for word in self.disk.outbox if word not in apart)])

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
        self.do(self.voter.tick(self.clock))
        if self.patience.ends(self.clock, numbered=not self.deserted, after=self.world.patience, turn=self.turn()):
            self.claim()
        self.send_waiting()

    @property
    def deserted(self) -> bool:
        """Whether it decides with others, and nobody numbers, as far as it knows."""
        voter = self.voter
        return voter is not None and voter.home == "" and self.me in voter.ledger.configuration.members

    def turn(self) -> int:
        """Return how many of those that it hears go on before it."""
        if self.voter is None:
            return 0
        heard = self.world.heard[self.name]
        here = [voter for voter, at in heard.items() if self.world.now - at < _SILENT]
        return turn_of(self.me, self.voter.ledger.configuration.members, here)

    def send_waiting(self) -> None:
        """Bring what waits here to the home, in its order; the home knows by the nonce what it has."""
        voter = self.voter
        if self.numbering:
            self._queue(self._number)
        elif voter is not None and voter.home not in {"", self.me}:
            home, term = voter.home, voter.ballot.term
            self._queue(lambda: self._send_waiting(home, term))

    def _send_waiting(self, home: str, term: int) -> None:
        if self.disk.outbox:
            self.world.send(self.me, home, Brought(term, tuple(self.disk.outbox)))

    def receive(self, sender: str, message: "Message | Brought") -> None:
        if self.voter is None or self.asleep:
            return
        if isinstance(message, Brought):
            self._queue(lambda: self._number(message.nonces, message.term))
            return
        self.world.heard[self.name][sender] = self.world.now
        try:
            self.do(self.voter.receive(sender, message, self.clock))
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
                self.world.send(self.me, to, message)
            case orders.Acknowledged(seq=seq):
                if seq > disk.shown and len(disk.entries) >= seq:
                    self.world.show(self, disk.entries[:seq], disk.shown)
                    for entry in disk.entries[disk.shown : seq]:
                        disk.outbox.pop(str(entry.event), None)
                    disk.shown = seq
            case orders.Begin(term=term, after=after):
                if self._is_home(term):
                    disk.cut(after)
                    self.numbering = disk.led = term
                    self._append("")
                    self._number()
            case orders.Resume(term=term):
                self.numbering = disk.led = term
                self._number()
            case orders.Change(configuration=configuration):
                if self.numbering:
                    self._append("", configuration)
            case orders.Follow(home=home):
                if home and self.voter is not None:
                    disk.led = max(disk.led, self.voter.ballot.term)

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
            self.do(self.voter.kept([entry], self.clock))


class World:
    """Five machines of one room.

    Args:
        seed: of everything that happens.
        size: how many of them there are.
        patience: seconds without a quorum after which one goes on by itself; 0 for never.
    """

    def __init__(self, seed: int, size: int = 5, patience: float = 0.0) -> None:
        self.patience = patience
        self.chance = random.Random(seed)
        self.now = 0.0
        self.said: list[str] = []
        self.seen: dict[tuple[int, int], str] = {}
        self.faults: list[str] = []
        self.contradictions: list[str] = []
        self.homes: dict[tuple[int, int], str] = {}
        self.ids = itertools.count(1)
        self.copies: dict[str, Disk] = {}
        self.torn: set[str] = set()
        self.heard: dict[str, dict[str, float]] = defaultdict(dict)
        self.loss = 0.0
        self.cut: set[frozenset[str]] = set()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._nonces = itertools.count()
        first = Configuration.alone(f"{NAMES[0]}.0")
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
            node = self.nodes[_name(to)]
            if frozenset({_name(sender), node.name}) not in self.cut and node.me == to:
                node.receive(sender, message)

        return bring

    def was_seen(self, word: str) -> bool:
        """Return whether something was acknowledged anywhere."""
        return any(each.split(" ")[1] == word for each in self.seen.values())

    def say(self, name: str) -> None:
        if self.nodes[name].voter is not None:
            self.nodes[name].say(f"{name}{next(self._nonces)}")

    def can_spare(self, node: Node) -> bool:
        """Return whether a node's disk may go: all others are there, and more than it are a quorum.

        Whatever is on the disks of a quorum survives the loss of one of them, and no more is promised.
        """
        others = [other for other in self.nodes.values() if other is not node]
        if self.cut or self.loss or any(other.voter is None or other.asleep for other in others):
            return False
        homes = [other for other in others if other.numbering and other.voter is not None]
        if len(homes) != 1 or {other.disk.branch for other in self.nodes.values()} != {homes[0].disk.branch}:
            return False
        home = homes[0].voter
        assert home is not None
        now = home.ledger.configuration
        there = [other.me for other in others]
        return (
            now.joint is None
            and home.acknowledged >= home.ledger.configured
            and now.agree(there)
            and (all(home.copies.kept.get(other.me, 0) >= home.acknowledged for other in others))
        )

    def show(self, node: Node, entries: list[Entry], shown: int) -> None:
        """Note what became visible at a node, and that it is what others see who have the same log."""
        for entry in entries[shown:]:
            said = f"{entry.term} {entry.event}"
            known = self.seen.setdefault((node.disk.branch, entry.seq), said)
            if known != said:
                self.faults.append(f"{node.name} shows {said} at {entry.seq}, where {known} was shown")

    def _tick(self) -> None:
        for name in self.nodes:
            self.nodes[name].tick()
            self._look_after(name)
        self.later(TICK, self._tick)

    def _look_after(self, name: str) -> None:
        """Let a home choose its voters, whoever answers and nobody who was silent for ten seconds, and call others."""
        node = self.nodes[name]
        voter = node.voter
        if voter is None or node.asleep or voter.standing is not Stance.HOME:
            return
        known = self.homes.setdefault((node.disk.branch, voter.ballot.term), node.me)
        if known != node.me:
            self.faults.append(f"{node.me} and {known} are home in term {voter.ballot.term}")
        others = [other for other in self.nodes.values() if other is not node and self._reaches(name, other.name)]
        present = [other.me for other in others if other.disk.branch == node.disk.branch]
        if wanted := better(voter.ledger.configuration, node.me, present):
            node.do(voter.change(wanted))
        for other in others:
            self._call(node, voter, other)

    def _call(self, home: Node, voter: voters.Voter, other: Node) -> None:
        """Tell somebody who is home: of two logs that of the higher term stands, of one term that of the smaller id."""
        theirs = other.voter
        if theirs is None or other.asleep or other.disk.branch == home.disk.branch or not home.numbering:
            return
        led = other.me in theirs.ledger.configuration.members and theirs.home not in {"", other.me}
        if led or frozenset({home.name, other.name}) in self.cut:
            return
        if self.stays((voter.ballot.term, home.name), (other.disk.led, other.name), numbers=bool(other.numbering)):
            other.join(home)

    def stays(self, home: tuple[int, str], other: tuple[int, str], *, numbers: bool) -> bool:
        """Return whether a home of this term and name stays, and another one, which `numbers` or not, gives way."""
        return home[0] > other[0] or (home[0] == other[0] and (home[1] < other[1] or not numbers))

    def _reaches(self, name: str, other: str) -> bool:
        """Whether a node was heard, or could be: new ones are found by other ways than these messages."""
        node = self.nodes[other]
        heard = self.heard[name].get(node.me, -_SILENT)
        return self.now - heard < _SILENT or (
            node.voter is not None and not node.asleep and frozenset({name, other}) not in self.cut
        )


def _name(voter: str) -> str:
    """Return whose voter it is."""
    return voter.partition(".")[0]
