"""How the nodes of a room find each other to vote: who offers to, who is home, and how a new voter gets the log."""

import logging
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from lanchat.journal import RoomRecord
from lanchat.protocol import NodeInfo, Quorum, SignedVote, VoterInfo, node_of
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.log import Log
from lanchat.rooms.quorum.trust import BallotBox, Roll
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Stance, Voters, better

_log = logging.getLogger(__name__)

OFFERS = 1.0
"""Seconds between two offers to vote, and between two questions who numbers."""
_MOST_VOUCHED = 64
_MOST_SHOWN = 16


class Carrier(Protocol):
    """What frames go through."""

    @property
    def record(self) -> RoomRecord:
        """What the journal keeps of the room."""

    @property
    def linked(self) -> bool:
        """Whether the room has its home elsewhere, and that answers now."""

    def carry(self, frame: Quorum, node: str, address: str) -> None:
        """Send a frame to a node, which was last at this address, or when that is empty to the home; it may be lost."""

    def probation(self, person: str, spoke: bool) -> float:
        """Return how many seconds somebody's machine has to be there before it may vote.

        Args:
            person: whose it is.
            spoke: whether they have said something in the room.
        """


class Chair(Protocol):
    """Whose canvass it is: the seat of this node."""

    me: str
    voter: Voter | None
    log: Log | None

    def found(self) -> None:
        """Begin the room's log, because somebody else could vote."""

    def follow(self, home: VoterInfo, term: int) -> None:
        """Let another node be home."""

    def join(self, home: VoterInfo, term: int, fork: int) -> None:
        """Join those who went on without this node, or without whom it went on, with what was said behind a seq."""


class Canvass:
    """Speaks with the other nodes of a room about everything but what the protocol of voters is about.

    Args:
        house: the room.
        node: this node.
        chair: its seat.

    Attributes:
        roll: who was heard, and where everybody is.
        knowing: who has said to the home that they know every turn of the log.
    """

    def __init__(self, house: Carrier, node: NodeInfo, chair: Chair) -> None:
        self.roll = Roll()
        self.knowing: set[str] = set()
        self._box = BallotBox(house.record.id)
        self._shown = 0
        self._house = house
        self._node = node
        self._chair = chair
        self._vouched: dict[str, None] = {}
        self._spoke = self._looked = 0.0

    @property
    def is_home(self) -> bool:
        """Whether this node is the room's home, as far as it knows."""
        return self._house.record.home.id == self._node.id

    @property
    def voters(self) -> tuple[str, ...]:
        """Who votes, as far as it is known here."""
        voter = self._chair.voter
        return voter.ledger.configuration.members if voter is not None else ()

    def trusts(self, voter: str) -> bool:
        """Whether somebody may say who numbers: the home as it was known, who votes or did, and whom those named."""
        node = node_of(voter)
        known = node == self._house.record.home.id or voter in self._vouched or node in self._nodes()
        return known and node != self._node.id

    def known(self, now: float) -> list[VoterInfo]:
        """Return everybody who has been here for so long."""
        return [member for member in self.roll.members.values() if self.knows(member.voter, now)]

    def knows(self, voter: str, now: float) -> bool:
        """Return whether somebody has been here for as long as who votes: they are believed that they went on alone."""
        return self.roll.stays(voter, now, self._house.probation)

    def _nodes(self) -> set[str]:
        """Return the ids of the nodes that vote or voted, as the log has it."""
        log = self._chair.log
        return {node_of(member.voter) for member in log.members()} if log is not None else set()

    @property
    def _since(self) -> int:
        log = self._chair.log
        return log.first.since if log is not None else 0

    def better(self, now: float) -> Voters | None:
        """Return who should vote instead of those who do, as the home sees it; now and then only."""
        voter = self._chair.voter
        if voter is None or voter.standing is not Stance.HOME or now - self._looked < OFFERS / 2:
            return None
        self._looked = now
        present = self.roll.present(self.voters, now, self._house.probation)
        return better(voter.ledger.configuration, self._chair.me, present)

    def tick(self, now: float) -> None:
        """Offer to vote, or ask those who do who is home, now and then."""
        if now - self._spoke < OFFERS:
            return
        self._spoke = now
        voter, log, me = self._chair.voter, self._chair.log, self._chair.me
        if self.is_home and (voter is None or me in self.voters):
            self._call(now)
            return
        if self._house.linked:
            if voter is None or me not in self.voters or voter.home == "":
                have = (log.moved, len(log.turns), log.first) if log is not None else (0, 0, None)
                self.send("", "offer", yes=voter is not None, place=have[0], of=have[1], electorate=have[2])
        elif voter is not None and me not in self.voters:
            for member in self.voters:
                self.send(member, "seek")

    def _call(self, now: float) -> None:
        """As the home, tell those who voted once, and are not here, who numbers: they may have gone on elsewhere."""
        voter, log = self._chair.voter, self._chair.log
        if voter is None or log is None or voter.standing is not Stance.HOME:
            return
        here = self.roll.here(now) | {self._node.id}
        home = VoterInfo(voter=self._chair.me, name=self._node.name)
        for member in log.members():
            if node_of(member.voter) not in here:
                frame = self._frame("", "lead", term=voter.ballot.term, home=home, place=self._since)
                address = member.address or self.roll.members.get(member.voter, member).address
                self._house.carry(frame, node_of(member.voter), address)

    def hurry(self) -> None:
        """Speak at the next look at the clock."""
        self._spoke = 0.0

    def take_offer(self, frame: Quorum) -> None:
        """Let somebody who could vote have the log; begin one if there is none."""
        voter, log = self._chair.voter, self._chair.log
        if not self.is_home:
            self.answer_seek(frame)
        elif voter is None or log is None:
            self._chair.found()
        elif voter.standing is Stance.HOME:
            same = frame.electorate is not None and frame.electorate.tie == log.first.tie
            if not same:  # it is that of before: others went on meanwhile, or the room was in a Redis
                self.roll.lacks(frame.sender)
            if frame.yes and same and frame.of == len(log.settled):
                self.knowing.add(frame.sender)
            else:
                self.knowing.discard(frame.sender)
                self.send_log(frame.sender)

    def answer_seek(self, frame: Quorum) -> None:
        """Say who is home, if it is known here."""
        voter = self._chair.voter
        if voter is None or not voter.home:
            return
        home = self.roll.members.get(voter.home, VoterInfo(voter=voter.home))
        if voter.home == self._chair.me:
            home = VoterInfo(voter=voter.home, name=self._node.name)
        self.send(frame.sender, "lead", term=voter.ballot.term, home=home, place=self._since)

    def take_lead(self, frame: Quorum, home: VoterInfo, now: float) -> None:
        """Follow the home that somebody names who may, or join it when it was made by people who went on without us.

        The higher term stands, then the smaller id, and everybody comes to that without a word.
        """
        if home.voter == frame.sender:
            home = self.roll.members[frame.sender]
        voter, mine, theirs = self._chair.voter, self._house.record.home.id, node_of(home.voter)
        trusted, term = self.trusts(frame.sender), self._house.record.term
        # Who is home alone and hears of a later one has an older copy of its disk.
        believed = trusted or (self.is_home and frame.term > term)
        if theirs != self._node.id and frame.term < term:
            self.answer_seek(frame)  # who calls hears of it nowhere else: it is heard here, and so nobody calls it
            return
        if theirs == self._node.id or (voter is None and not believed):
            return
        if trusted:
            self._vouch(home.voter)
        if voter is None or home.voter in self.voters or voter.home not in {"", self._chair.me, frame.sender}:
            # Who was away until others were chosen hears of the home by this only, and has to ask it for the log.
            if theirs != mine and (voter is None or (trusted and voter.home == "")):
                self._chair.follow(home, frame.term)
            return
        numbers = self.is_home and voter.standing is Stance.HOME  # whose voters are all gone elsewhere never will again
        if numbers and (frame.term, mine) <= (term, theirs):
            self.answer_seek(frame)
            return
        forks = [each for each in (frame.place, self._since) if each]
        if self._chair.me in self.voters and forks:
            self._join(frame, home, min(forks), now)
        elif self._chair.me not in self.voters and theirs != mine and trusted:
            self._chair.follow(home, frame.term)

    def _vouch(self, voter: str) -> None:
        self._vouched[voter] = None
        if len(self._vouched) > _MOST_VOUCHED:
            del self._vouched[next(iter(self._vouched))]

    def _join(self, frame: Quorum, home: VoterInfo, fork: int, now: float) -> None:
        """Join those who went on elsewhere, if somebody says so who decided with us when they parted, or could have."""
        log, told = self._chair.log, {node_of(frame.sender), node_of(home.voter)}
        if log is None or (log.deciders(fork - 1).isdisjoint(told) and not self.knows(frame.sender, now)):
            return
        for member in self.voters:
            if node_of(member) not in told:  # who said it, under the id of before, would say it again
                self.send(member, "lead", term=frame.term, home=home, place=fork)
        self._chair.join(home, frame.term, fork - 1)

    def count(self, ballots: Sequence[SignedVote]) -> bool:
        """Count signed votes; returns False when somebody has voted for two in one term.

        Then no node of that person is listened to any more, and the other voters are shown both votes.
        """
        agree = True
        for ballot in ballots:
            if (proof := self._box.take(ballot)) is None:
                continue
            agree = False
            if self.roll.expel(ballot.person):
                _log.warning(
                    "%s has voted for two in room %r: no voter any more", ballot.voter, self._house.record.name
                )
                for member in self.voters:
                    if member not in {self._chair.me, ballot.voter}:
                        self.send(member, "ballots", ballots=list(proof))
        return agree

    def show_ballots(self, home: str, term: int) -> None:
        """Show whoever is home in a term the votes that this node has, once: nobody may have voted for both."""
        if term > self._shown and (ballots := self._box.of(term)):
            self._shown = term
            self.send(home, "ballots", ballots=ballots[:_MOST_SHOWN])

    def send_log(self, to: str) -> None:
        """Send the log without its events, as far as it is acknowledged: who has those has everything by that."""
        voter, log = self._chair.voter, self._chair.log
        if voter is None or log is None:
            return
        # Who decided in between need not be known, and would not fit into a frame in the end.
        last = max((turn.place for turn in log.settled if turn.voters), default=0)
        self.send(
            to,
            "install",
            term=voter.ballot.term,
            of=log.record.base,
            acknowledged=log.moved,
            electorate=log.first,
            turns=[
                (turn.place, turn.term, turn.seq, wire.read_electorate(turn.voters) if turn.place == last else None)
                for turn in log.settled
            ],
        )

    def send(self, to: str, step: str, **fields: object) -> None:
        """Send a frame of this step to a voter, or to the home when that is empty."""
        self.put(self._frame(to, step, **fields))

    def put(self, frame: Quorum) -> None:
        """Send a frame to where its voter is."""
        member = self.roll.members.get(frame.to)
        self._house.carry(frame, node_of(frame.to), member.address if member is not None else "")

    def _frame(self, to: str, step: str, **fields: object) -> Quorum:
        frame = Quorum(room=self._house.record.id, step="seek", sender=self._chair.me, to=to, port=1)
        return replace(frame, step=step, **fields)
