"""One voter of a room: a replicated log whose leader is the home. Driven by messages and a clock, without I/O.

It is Raft (Ongaro, Consensus: Bridging Theory and Practice, 2014) with pre-vote, leadership transfer and joint
consensus, and with quorums that a tie-breaker completes. What has to be done comes out as effects; whoever carries them
out does so one after the other, and has each on the disk before the next.
"""

import random

from lanchat.rooms.quorum.copies import Copies
from lanchat.rooms.quorum.effects import Acknowledged, Begin, Change, Effect, Follow, Keep, Resume, Send, Store
from lanchat.rooms.quorum.ledger import Ballot, Ledger, check
from lanchat.rooms.quorum.messages import Append, Appended, Ask, Entry, HandOver, Message, Vote
from lanchat.rooms.quorum.voters import Configuration, Stance, Voters

PATIENCE = 2.0
"""Seconds without a heartbeat after which a voter stands for home. Laptops on Wi-Fi need more than servers do."""
SPREAD = 1.0
"""Most seconds that it waits longer than that, at random, so that not all stand at once."""


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
        copies: what the others have, as the home sees it.
    """

    def __init__(
        self, me: str, ledger: Ledger, ballot: Ballot, acknowledged: int, now: float, *, chance: random.Random
    ) -> None:
        self.me, self.ledger = me, ledger
        self.ballot = ballot
        self.standing = Stance.VOTER
        self.home = ""
        self.acknowledged = acknowledged
        self._chance = chance
        self._heard = now
        self._due = now + PATIENCE + chance.uniform(0, SPREAD)
        self._granted: set[str] = set()
        self.copies = Copies()
        self._begins = 0
        self._changing = -1
        self._handing = ""

    def start(self, now: float) -> list[Effect]:
        """Begin. A voter that is a quorum by itself is home at once, in its former term if it was home before.

        Nobody can have been home meanwhile, because it is in every quorum.
        """
        if not self.ledger.configuration.agree([self.me]):
            return []
        if self.ballot.vote == self.me and self.ballot.term == self.ledger.term:
            self._be_home(now, self.ledger.first_of_term(self.ledger.top))
            return [Resume(self.ballot.term), *self._spread(now, beat=True)]
        return self._stand(now, handed=False)

    def tick(self, now: float) -> list[Effect]:
        """Let time pass."""
        if self.standing is Stance.HOME:
            return self._lead_on(now)
        if now < self._due or self.me not in self.ledger.configuration.members:
            return []
        self._wait(now)
        return self._stand(now, handed=False) if self.ledger.configuration.agree([self.me]) else self._ask()

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
        """Note what was numbered here and is on the disk, also when this one is not home any more by then."""
        for entry in entries:
            late = self.standing is not Stance.HOME and entry.term >= self.ledger.term
            if entry.seq == self.ledger.top + 1 and (late or entry.term == self.ballot.term):
                self.ledger.add(entry)
        return self._spread(now) if self.standing is Stance.HOME else []

    def change(self, voters: Voters) -> list[Effect]:
        """As the home, begin to let other voters decide; nothing happens while another change goes on."""
        now = self.ledger.configuration
        if self.standing is not Stance.HOME or not self._settled() or voters == now.voters:
            return []
        return self._change(Configuration(now.voters, voters))

    def _change(self, configuration: Configuration) -> list[Effect]:
        """Have a configuration numbered, once in place of the one of now."""
        if self._changing == self.ledger.configured:
            return []
        self._changing = self.ledger.configured
        return [Change(configuration)]

    def heir(self, now: float) -> str:
        """Return who should be home when this one goes; empty when nobody can."""
        return self.copies.nearest(self.ledger.configuration.without(self.me), now)

    def hand_over(self, to: str) -> list[Effect]:
        """As the home, let another voter be home as soon as it has everything."""
        if self.standing is not Stance.HOME or to not in self.ledger.configuration.members or to == self.me:
            return []
        self._handing = to
        return self._hand()

    def _lead_on(self, now: float) -> list[Effect]:
        self.copies.answer(self.me, now)
        if not self.ledger.configuration.agree(self.copies.answering(now)):
            return self._step_down(now, self.ballot.term, "")
        return self._spread(now, beat=self.copies.beats(now))

    def _spread(self, now: float, *, beat: bool = False) -> list[Effect]:
        """Send every voter what it does not have, and see what is acknowledged by now."""
        others = self.ledger.configuration.without(self.me)
        behind = [each for each in others if beat or self.copies.wants(each, self.ledger.top, now)]
        return [*(self._page(member, now) for member in behind), *self._count(now)]

    def _page(self, member: str, now: float) -> Send:
        return self.copies.page(self.ballot.term, self.ledger, self.acknowledged, member, now)

    def _count(self, now: float) -> list[Effect]:
        """See what is acknowledged. Only entries of its own term are counted; the earlier ones come with them."""
        self.copies.took(self.me, self.ledger.top)
        highest = self.ledger.configuration.highest(self.copies.kept)
        if highest <= self.acknowledged or highest < self._begins:
            return self._complete(now)
        self.acknowledged = highest
        effects: list[Effect] = [Acknowledged(highest)]
        configuration = self.ledger.configuration
        gone = configuration.joint is None and self.me not in configuration.members
        if highest >= self.ledger.configured and gone:
            effects += [self._page(member, now) for member in configuration.without(self.me)]  # a last time
            effects += self._step_down(now, self.ballot.term, "")
        return [*effects, *self._complete(now)]

    def _complete(self, now: float) -> list[Effect]:
        """End a change once it is acknowledged, and those who are new know of it: who does not would not vote."""
        both, seq = self.ledger.configuration, self.ledger.configured
        wanted, agreed = both.joint, self.acknowledged >= max(seq, self._begins)
        if self.standing is not Stance.HOME or wanted is None or not agreed:
            return []
        new = set(wanted.members).difference(both.voters.members)
        return self._change(Configuration(wanted)) if self.copies.know(new, seq, now) else []

    def _settled(self) -> bool:
        """Whether the configuration of now is acknowledged, and something was numbered in this term."""
        ledger = self.ledger
        return ledger.configuration.joint is None and self.acknowledged >= max(self._begins, ledger.configured)

    def _hand(self) -> list[Effect]:
        if self.copies.kept.get(self._handing, 0) < self.ledger.top:
            return []
        to, self._handing = self._handing, ""
        return [Send(to, HandOver(self.ballot.term))]

    def _take_answer(self, sender: str, message: Appended, now: float) -> list[Effect]:
        if message.term > self.ballot.term:
            return self._step_down(now, message.term, "")
        if self.standing is not Stance.HOME or message.term < self.ballot.term:
            return []
        self.copies.answer(sender, now)
        if not message.taken:
            self.copies.refused(sender, min(message.seq, self.ledger.top))
            return [self._page(sender, now)]
        self.copies.took(sender, min(message.seq, self.ledger.top))
        effects = self._count(now)
        if self.standing is Stance.HOME:
            if self.copies.wants(sender, self.ledger.top, now):
                effects.append(self._page(sender, now))
            effects += self._hand() if self._handing else []
        return effects

    def _ask(self) -> list[Effect]:
        """Find out whether a quorum would vote for this one, without disturbing anybody."""
        self.standing = Stance.ASKING
        self.home = ""
        self._granted = {self.me}
        question = Ask(self.ballot.term + 1, self.ledger.top, self.ledger.term, trial=True)
        return [Follow(""), *(Send(member, question) for member in self.ledger.configuration.without(self.me))]

    def _stand(self, now: float, *, handed: bool) -> list[Effect]:
        self.standing = Stance.STANDING
        self.home = ""
        self.ballot = Ballot(self.ballot.term + 1, self.me)
        self._granted = {self.me}
        self._wait(now)
        effects: list[Effect] = [Keep(self.ballot.term, self.me)]
        if self.ledger.configuration.agree(self._granted):
            return effects + self._begin(now)
        question = Ask(self.ballot.term, self.ledger.top, self.ledger.term, handed=handed)
        return effects + [Send(member, question) for member in self.ledger.configuration.without(self.me)]

    def _begin(self, now: float) -> list[Effect]:
        self._be_home(now, self.ledger.top + 1)
        return [Begin(self.ballot.term, self.ledger.top), *self._spread(now, beat=True)]

    def _be_home(self, now: float, begins: int) -> None:
        self.standing = Stance.HOME
        self.home = self.me
        self._begins = begins
        self._handing, self._changing = "", -1
        self.copies = Copies(self.ledger.configuration.members, now)

    def _take_question(self, sender: str, asked: Ask, now: float) -> list[Effect]:
        content = self.home and now - self._heard < PATIENCE
        if (content or self.standing is Stance.HOME) and not asked.handed:
            return [Send(sender, Vote(self.ballot.term, granted=False, trial=asked.trial))]
        complete = (asked.of, asked.seq) >= (self.ledger.term, self.ledger.top)
        if asked.trial:
            granted = complete and asked.term > self.ballot.term
            return [Send(sender, Vote(asked.term if granted else self.ballot.term, granted, trial=True))]
        effects = self._step_down(now, asked.term, "") if asked.term > self.ballot.term else []
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
        wanted = Stance.ASKING if vote.trial else Stance.STANDING
        if self.standing is not wanted or not vote.granted or vote.term != self.ballot.term + vote.trial:
            return []
        self._granted.add(sender)
        if not self.ledger.configuration.agree(self._granted):
            return []
        return self._stand(now, handed=False) if vote.trial else self._begin(now)

    def _take_entries(self, sender: str, message: Append, now: float) -> list[Effect]:
        if message.term < self.ballot.term:
            return [Send(sender, Appended(self.ballot.term, 0, taken=False))]
        check(message, self.ledger, self.acknowledged)
        effects: list[Effect] = []
        if message.term > self.ballot.term or self.standing is not Stance.VOTER or self.home != sender:
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
        fresh = self.ledger.unknown(entries)
        if not fresh:
            return []
        after = fresh[0].seq - 1
        self.ledger.cut(after)
        for entry in fresh:
            self.ledger.add(entry)
        return [Store(after, fresh)]

    def _step_down(self, now: float, term: int, home: str) -> list[Effect]:
        """Follow a home, or wait for one, in this term or a higher one."""
        effects: list[Effect] = []
        if term > self.ballot.term:
            self.ballot = Ballot(term)
            effects.append(Keep(term, ""))
        if self.standing is not Stance.VOTER or self.home != home:
            effects.append(Follow(home))
        self.standing = Stance.VOTER
        self.home = home
        self._wait(now)
        return effects

    def _wait(self, now: float) -> None:
        self._due = now + PATIENCE + self._chance.uniform(0, SPREAD)
