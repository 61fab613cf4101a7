"""One voter of a room: a replicated log whose leader is the home. Driven by messages and a clock, without I/O.

It is Raft (Ongaro, Consensus: Bridging Theory and Practice, 2014) with pre-vote, leadership transfer and joint
consensus, and with quorums that a tie-breaker completes. What has to be done comes out as effects; whoever carries them
out does so one after the other, and has each on the disk before the next.
"""

import random
from enum import Enum

import msgspec

from lanchat.rooms.quorum.ledger import Ledger
from lanchat.rooms.quorum.messages import Append, Appended, Ask, Entry, HandOver, Message, Vote
from lanchat.rooms.quorum.voters import Configuration, Voters

HEARTBEAT = 0.5
"""Seconds between two heartbeats of the home."""
LEASE = 1.5
"""Seconds after which a home that hears no quorum acknowledges nothing more."""
PATIENCE = 2.0
"""Seconds without a heartbeat after which a voter stands for home. Laptops on Wi-Fi need more than servers do."""
SPREAD = 1.0
"""Most seconds that it waits longer than that, at random, so that not all stand at once."""
PAGE = 500
"""Most entries in one message."""


class Keep(msgspec.Struct, frozen=True):
    """Effect: have the voter's term on the disk, and for whom it voted in it."""

    term: int
    vote: str


class Store(msgspec.Struct, frozen=True):
    """Effect: have entries of the home on the disk behind `after`, in place of what lies there.

    What goes was never acknowledged; it is said again under the same nonces.
    """

    after: int
    entries: tuple[Entry, ...]


class Send(msgspec.Struct, frozen=True):
    """Effect: send a message; of an `Append`, `last` is the seq up to which the entries are to be put in."""

    to: str
    message: Message
    last: int = 0


class Acknowledged(msgspec.Struct, frozen=True):
    """Effect: everything up to this seq is kept by a quorum; show it."""

    seq: int


class Begin(msgspec.Struct, frozen=True):
    """Effect: number from now on, as the home of this term, behind `after`; what lies there is said again.

    The first entry says that this one is home; with it everything before is acknowledged.
    """

    term: int
    after: int


class Change(msgspec.Struct, frozen=True):
    """Effect: number an entry with this configuration."""

    configuration: Configuration


class Resume(msgspec.Struct, frozen=True):
    """Effect: go on to number in the term in which one did before the last start."""

    term: int


class Follow(msgspec.Struct, frozen=True):
    """Effect: number nothing more; another voter is home now, or nobody that is known when `home` is empty."""

    home: str


Effect = Keep | Store | Send | Acknowledged | Begin | Resume | Change | Follow


class Contradiction(Exception):
    """A voter says what no voter can who follows the rules: its disk was changed, or it lies."""


class Standing(Enum):
    """What a voter is to a room."""

    VOTER = "voter"
    ASKING = "asking"
    STANDING = "standing"
    HOME = "home"


class Ballot(msgspec.Struct, frozen=True):
    """What a voter has on its disk beside the log."""

    term: int = 0
    vote: str = ""


class Voter:
    """Takes part in deciding who numbers a room, and what is acknowledged in it.

    Args:
        me: its id.
        ledger: what its journal holds.
        ballot: what its disk holds beside that.
        acknowledged: the highest seq that it knows to be acknowledged.
        now: the time, in seconds, of a clock that only goes forward.
        chance: gives the random delays.

    Attributes:
        standing: what it is now.
        home: id of the home; empty when it is not known.
        acknowledged: the highest seq that a quorum keeps, as far as it is known here.
    """

    def __init__(
        self, me: str, ledger: Ledger, ballot: Ballot, acknowledged: int, now: float, chance: random.Random
    ) -> None:
        self.me = me
        self.ledger = ledger
        self.ballot = ballot
        self.standing = Standing.VOTER
        self.home = ""
        self.acknowledged = acknowledged
        self._chance = chance
        self._heard = now
        self._due = now + PATIENCE + chance.uniform(0, SPREAD)
        self._granted: set[str] = set()
        self._next: dict[str, int] = {}
        self._match: dict[str, int] = {}
        self._answered: dict[str, float] = {}
        self._begins = 0
        self._changing = -1
        self._handing = ""

    @property
    def in_step(self) -> bool:
        """Whether what is here is what the home has: nothing of an earlier term lies above that.

        Before, nothing that waits may be sent: what was said first could still be in what goes.
        """
        return bool(self.home) and self.ledger.term == self.ballot.term

    def start(self, now: float) -> list[Effect]:
        """Begin. A voter that is a quorum by itself is home at once, in its former term if it was home before.

        Nobody can have been home meanwhile, because it is in every quorum.
        """
        if not self._decides_alone():
            return []
        if self.ballot.vote == self.me and self.ballot.term == self.ledger.term:
            self._be_home(now, self.ledger.first_of_term(self.ledger.top))
            return [Resume(self.ballot.term), *self._spread(now, beat=True)]
        return self._stand(now, handed=False)

    def tick(self, now: float) -> list[Effect]:
        """Let time pass."""
        if self.standing is Standing.HOME:
            return self._lead_on(now)
        if now < self._due or self.me not in self.ledger.configuration.members:
            return []
        self._wait(now)
        return self._stand(now, handed=False) if self._decides_alone() else self._ask(now)

    def receive(self, sender: str, message: Message, now: float) -> list[Effect]:
        """Take what another voter says."""
        match message:
            case Ask():
                return self._take_question(sender, message, now)
            case Vote():
                return self._take_vote(sender, message, now)
            case Append():
                return self._take_entries(sender, message, now)
            case Appended():
                return self._take_answer(sender, message, now)
            case HandOver(term=term):
                if sender == self.home and term == self.ballot.term and self.me in self.ledger.configuration.members:
                    return self._stand(now, handed=True)
                return []

    def kept(self, entries: list[Entry], now: float) -> list[Effect]:
        """Note what was numbered here and is on the disk; what was not numbered as the home of now is passed over."""
        for entry in entries:
            if self.standing is Standing.HOME and entry.term == self.ballot.term and entry.seq == self.ledger.top + 1:
                self.ledger.add(entry)
        return self._spread(now) if self.standing is Standing.HOME else []

    def change(self, voters: Voters) -> list[Effect]:
        """As the home, begin to let other voters decide; nothing happens while another change goes on."""
        now = self.ledger.configuration
        if self.standing is not Standing.HOME or not self._settled() or voters == now.voters:
            return []
        return self._change(Configuration(now.voters, voters))

    def _change(self, configuration: Configuration) -> list[Effect]:
        """Have a configuration numbered, once in place of the one of now."""
        if self._changing == self.ledger.configured:
            return []
        self._changing = self.ledger.configured
        return [Change(configuration)]

    def hand_over(self, to: str) -> list[Effect]:
        """As the home, let another voter be home as soon as it has everything."""
        if self.standing is not Standing.HOME or to not in self.ledger.configuration.members or to == self.me:
            return []
        self._handing = to
        return self._hand()

    # The home.

    def _lead_on(self, now: float) -> list[Effect]:
        self._answered[self.me] = now
        if not self.ledger.configuration.agree([who for who, at in self._answered.items() if now - at < LEASE]):
            return self._step_down(now, self.ballot.term, "")
        return self._spread(now, beat=True)

    def _spread(self, now: float, *, beat: bool = False) -> list[Effect]:
        """Send every voter what it does not have, and see what is acknowledged by now."""
        effects: list[Effect] = []
        for member in self.ledger.configuration.members:
            if member == self.me:
                continue
            following = self._next.setdefault(member, self.ledger.top + 1)
            if beat or following <= self.ledger.top:
                effects.append(self._page(member, following))
        return effects + self._count(now)

    def _page(self, member: str, following: int) -> Send:
        after = following - 1
        last = min(self.ledger.top, after + PAGE)
        self._next[member] = last + 1
        return Send(member, Append(self.ballot.term, after, self.ledger.of(after), (), self.acknowledged), last)

    def _count(self, now: float) -> list[Effect]:
        """See what is acknowledged. Only entries of its own term are counted; the earlier ones come with them."""
        self._match[self.me] = self.ledger.top
        highest = self.ledger.configuration.highest(self._match)
        if highest <= self.acknowledged or highest < self._begins:
            return []
        self.acknowledged = highest
        effects: list[Effect] = [Acknowledged(highest)]
        configuration = self.ledger.configuration
        if highest >= self.ledger.configured:
            if configuration.joint is not None:
                effects += self._change(Configuration(configuration.joint))
            elif self.me not in configuration.members:
                effects += self._tell(now)
                effects += self._step_down(now, self.ballot.term, "")
        return effects

    def _tell(self, now: float) -> list[Effect]:
        """Send everybody a last heartbeat with what is acknowledged."""
        return [self._page(member, self._next.get(member, self.ledger.top + 1)) for member in self._others()]

    def _settled(self) -> bool:
        """Whether the configuration of now is acknowledged, and something was numbered in this term."""
        reached = max(self._begins, self.ledger.configured)
        return self.ledger.configuration.joint is None and self.acknowledged >= reached

    def _hand(self) -> list[Effect]:
        if self._match.get(self._handing, 0) < self.ledger.top:
            return []
        to, self._handing = self._handing, ""
        return [Send(to, HandOver(self.ballot.term))]

    def _take_answer(self, sender: str, message: Appended, now: float) -> list[Effect]:
        if message.term > self.ballot.term:
            return self._step_down(now, message.term, "")
        if self.standing is not Standing.HOME or message.term < self.ballot.term:
            return []
        self._answered[sender] = now
        if not message.taken:
            following = min(message.seq, self.ledger.top) + 1
            self._next[sender] = max(following, self._match.get(sender, 0) + 1)
            return [self._page(sender, self._next[sender])]
        self._match[sender] = max(self._match.get(sender, 0), min(message.seq, self.ledger.top))
        effects = self._count(now)
        if self.standing is Standing.HOME:
            if (following := max(self._next.get(sender, 1), self._match[sender] + 1)) <= self.ledger.top:
                effects.append(self._page(sender, following))
            effects += self._hand() if self._handing else []
        return effects

    # Elections.

    def _ask(self, now: float) -> list[Effect]:
        """Find out whether a quorum would vote for this one, without disturbing anybody."""
        self.standing = Standing.ASKING
        self.home = ""
        self._granted = {self.me}
        question = Ask(self.ballot.term + 1, self.ledger.top, self.ledger.term, trial=True)
        return [Follow(""), *(Send(member, question) for member in self._others())]

    def _stand(self, now: float, *, handed: bool) -> list[Effect]:
        self.standing = Standing.STANDING
        self.home = ""
        self.ballot = Ballot(self.ballot.term + 1, self.me)
        self._granted = {self.me}
        self._wait(now)
        effects: list[Effect] = [Keep(self.ballot.term, self.me)]
        if self.ledger.configuration.agree(self._granted):
            return effects + self._begin(now)
        question = Ask(self.ballot.term, self.ledger.top, self.ledger.term, handed=handed)
        return effects + [Send(member, question) for member in self._others()]

    def _begin(self, now: float) -> list[Effect]:
        self._be_home(now, self.ledger.top + 1)
        return [Begin(self.ballot.term, self.ledger.top), *self._spread(now, beat=True)]

    def _be_home(self, now: float, begins: int) -> None:
        self.standing = Standing.HOME
        self.home = self.me
        self._begins = begins
        self._match, self._next, self._handing, self._changing = {}, {}, "", -1
        self._answered = dict.fromkeys(self.ledger.configuration.members, now)

    def _take_question(self, sender: str, asked: Ask, now: float) -> list[Effect]:
        content = self.home and now - self._heard < PATIENCE
        if (content or self.standing is Standing.HOME) and not asked.handed:
            return [Send(sender, Vote(self.ballot.term, granted=False, trial=asked.trial))]
        complete = (asked.of, asked.seq) >= (self.ledger.term, self.ledger.top)
        if asked.trial:
            granted = complete and asked.term > self.ballot.term
            return [Send(sender, Vote(asked.term if granted else self.ballot.term, granted, trial=True))]
        effects: list[Effect] = []
        if asked.term > self.ballot.term:
            effects += self._step_down(now, asked.term, "")
        granted = complete and asked.term == self.ballot.term and self.ballot.vote in {"", sender}
        if granted and not self.ballot.vote:
            self.ballot = Ballot(asked.term, sender)
            effects.append(Keep(asked.term, sender))
        if granted:
            self._wait(now)
        return [*effects, Send(sender, Vote(self.ballot.term, granted))]

    def _take_vote(self, sender: str, vote: Vote, now: float) -> list[Effect]:
        if vote.term > self.ballot.term and not vote.granted:
            return self._step_down(now, vote.term, "")
        wanted = Standing.ASKING if vote.trial else Standing.STANDING
        if self.standing is not wanted or not vote.granted or vote.term != self.ballot.term + vote.trial:
            return []
        self._granted.add(sender)
        if not self.ledger.configuration.agree(self._granted):
            return []
        return self._stand(now, handed=False) if vote.trial else self._begin(now)

    # The others.

    def _take_entries(self, sender: str, message: Append, now: float) -> list[Effect]:
        if message.term < self.ballot.term:
            return [Send(sender, Appended(self.ballot.term, 0, taken=False))]
        self._check(message)
        effects: list[Effect] = []
        if message.term > self.ballot.term or self.standing is not Standing.VOTER or self.home != sender:
            effects += self._step_down(now, message.term, sender)
        self._heard = now
        self._wait(now)
        if self.ledger.of(message.after) != message.of:
            # The home goes back by whole terms, not by single entries.
            place = min(self.ledger.top, message.after)
            place = self.ledger.first_of_term(place) - 1 if place == message.after else place
            return [*effects, Send(sender, Appended(self.ballot.term, max(0, place), taken=False))]
        effects += self._adopt(message.entries)
        last = message.after + len(message.entries)
        effects.append(Send(sender, Appended(self.ballot.term, last, taken=True)))
        if (known := min(message.acknowledged, last)) > self.acknowledged:
            self.acknowledged = known
            effects.append(Acknowledged(known))
        return effects

    def _adopt(self, entries: tuple[Entry, ...]) -> list[Effect]:
        """Take over what differs from what is here; what was here instead was never acknowledged."""
        kept = 0
        while kept < len(entries) and self.ledger.of(entries[kept].seq) == entries[kept].term:
            kept += 1
        fresh = entries[kept:]
        if not fresh:
            return []
        after = fresh[0].seq - 1
        self.ledger.cut(after)
        for entry in fresh:
            self.ledger.add(entry)
        return [Store(after, fresh)]

    def _check(self, message: Append) -> None:
        """Raise Contradiction when no honest home can say that."""
        seq, term = message.after, message.of
        if seq <= self.acknowledged and self.ledger.of(seq) != term:
            raise Contradiction(f"The home has another entry {seq} than the one that was acknowledged.")
        for entry in message.entries:
            if entry.seq != seq + 1 or not term <= entry.term <= message.term:
                raise Contradiction(f"The home sent entry {entry.seq} of term {entry.term} behind {seq} of {term}.")
            if entry.seq <= self.acknowledged and self.ledger.of(entry.seq) != entry.term:
                raise Contradiction(f"The home has another entry {entry.seq} than the one that was acknowledged.")
            seq, term = entry.seq, entry.term

    # All.

    def _step_down(self, now: float, term: int, home: str) -> list[Effect]:
        """Follow a home, or wait for one, in this term or a higher one."""
        effects: list[Effect] = []
        if term > self.ballot.term:
            self.ballot = Ballot(term)
            effects.append(Keep(term, ""))
        if self.standing is not Standing.VOTER or self.home != home:
            effects.append(Follow(home))
        self.standing = Standing.VOTER
        self.home = home
        self._wait(now)
        return effects

    def _wait(self, now: float) -> None:
        self._due = now + PATIENCE + self._chance.uniform(0, SPREAD)

    def _others(self) -> list[str]:
        return [member for member in self.ledger.configuration.members if member != self.me]

    def _decides_alone(self) -> bool:
        return self.ledger.configuration.agree([self.me])
