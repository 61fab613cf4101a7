"""How a seat gets a room's log, takes over another, goes on by itself, and gives it up."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Iterable

from msgspec.structs import replace

from lanchat.errors import LanchatError
from lanchat.journal import Journal, LedgerRecord, Logged, Turn
from lanchat.protocol import NodeInfo, Quorum, VoterInfo, lead_node, node_of
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.canvass import Canvass
from lanchat.rooms.quorum.effects import Effect, Follow
from lanchat.rooms.quorum.hands import Hands, House
from lanchat.rooms.quorum.ledger import Ballot
from lanchat.rooms.quorum.log import Log, branch
from lanchat.rooms.quorum.messages import Append
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration
from lanchat.rooms.quorum.waiting import Answers, Leftover
from lanchat.rooms.quorum.worker import Worker

_log = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until a seat that could not keep something begins anew with what is on the disk."""


class LogKeeper:
    """Keeps the log of one room, and with it the voter of this node.

    Args:
        house: the room.
        node: this node.
        journal: keeps log and vote.

    Attributes:
        numbering: whether this node, as the home, numbers now; a home alone always does.
        me: this node as a voter.
        voter: decides with the others; None while nobody else could vote.
        log: the room's log; None like that.
        handing: the voter that is to be home in place of this node; empty when none is.
        leftover: what waited here when this node became home.
    """

    def __init__(self, house: House, node: NodeInfo, journal: Journal) -> None:
        self.numbering = True
        self.me = f"{node.id}.{secrets.token_hex(8)}"
        self.voter: Voter | None = None
        self.log: Log | None = None
        self._house = house
        self._node = node
        self._journal = journal
        self._canvass = Canvass(house, node, self)
        self._answers = Answers()
        self._hands = Hands(self, house, node, journal, self._canvass, self._answers)
        self._worker = Worker(self._break)
        self.leftover = Leftover(
            lambda: self._house.record.id,
            journal.ledgers,
            house.refused,
            lambda: self.numbering,
            lambda: self.log.unmoved if self.log is not None else 0,
            self._worker.do,
        )
        self._early: list[Logged] = []
        self._draining: asyncio.Future[None] | None = None
        self._broken_until = 0.0
        self._news = asyncio.Event()
        self.handing = ""

    async def restore(self, *, brought_back: bool = False) -> None:
        """Go on with what is on the disk.

        A log that was another node's, or that may lack something of what this node has promised others to keep, is
        gone on with under another id, which has no vote until the home has seen that everything is here.

        Args:
            brought_back: whether the disk may be an older copy, or lack something.

        Raises:
            JournalError: it cannot be read.
        """
        self._early = []
        record = await self._journal.ledgers.load(self._house.record.id)
        if record is not None and (brought_back or node_of(record.me) != self._node.id):
            record = await self._renewed(record)
        if record is not None:
            self.numbering = False
            self._sit(record)

    async def _renewed(self, record: LedgerRecord) -> LedgerRecord | None:
        """Return a log under another id; None where nobody else votes in it."""
        room, log = self._house.record.id, Log(record, 0, home=False)
        if log.ledger().configuration.members == (record.me,) and self._canvass.is_home:
            await self._journal.ledgers.drop(room)
            return None
        await self._journal.ledgers.put(room, replace(record, me=self.me, vote="", tail=()))
        return await self._journal.ledgers.load(room)

    def logged(self, entries: list[Logged]) -> None:
        """Take what this node has numbered, and what is on the disk by now."""
        if self.voter is None or self.log is None:
            self._early += entries
            return
        self.log.add(entries)
        self._do(self.voter.kept([wire.numbered(entry) for entry in entries], clock()))

    def found(self) -> None:
        """Begin the room's log, because somebody else could vote."""
        if self.numbering:
            self._worker.do(self._found)

    def follow(self, home: VoterInfo, term: int) -> None:
        """Let another node be home."""
        self._worker.do(lambda: self._hands.follow(home, term))

    def join(self, home: VoterInfo, term: int, fork: int) -> None:
        """Join those who went on without this node, with what was said behind a seq."""
        voter = self.voter
        self._worker.do(lambda: self._join(home, term, fork, voter))

    async def claim(self) -> None:
        """Go on here, without those who decide: be the only one who does, in a term above theirs.

        Raises:
            JournalError: it was not kept, and everything is as it was.
        """
        former, voter, log = self._house.record, self.voter, self.log
        term = max(former.term, voter.ballot.term if voter is not None else 0) + 1
        known = [*(log.members() if log is not None else []), *self._canvass.known(clock())]
        first = branch(former, self._node.id, log, known, self._journal.top(former.id))
        record = replace(former, home=self._node, term=term, addresses=())
        self.voter = self.log = None
        self._canvass.roll.part()
        self._answers.hold()
        self._early = []
        # Both begin in one turn of the loop, so that each post is for the one home or for the other.
        claimed = self._journal.ledgers.claim(record, first.tie, wire.text_of(first))
        self.numbering = True
        self.leftover.hold()
        await self._house.turn_to(record)
        try:
            ledger, numbered = await claimed
        except LanchatError as error:
            self.voter, self.log = voter, log
            await self._house.turn_to(former)
            self._break(error)
            raise
        self._sit(ledger)
        early, self._early = self._early, []
        self.logged(early)
        await self.leftover.go_on(numbered)
        self._house.changed()

    def _do(self, effects: Iterable[Effect]) -> None:
        self._news.set()
        for effect in effects:
            if isinstance(effect, Follow) and self.numbering:
                self._stop_numbering()
            self._worker.do(lambda effect=effect, voter=self.voter: self._carry_out(effect, voter))  # type: ignore[misc]

    async def _carry_out(self, effect: Effect, voter: Voter | None) -> None:
        """Do what a voter wants, unless another log was taken meanwhile: that voter knows nothing of the one of now."""
        if voter is self.voter:
            await self._hands.carry_out(effect)

    async def _look_up(self, person: str) -> None:
        """Find out whether somebody has said something in the room."""
        if await self._journal.ledgers.has_said(self._house.record.id, person):
            self._canvass.roll.spoken.add(person)

    async def _found(self) -> None:
        if self.voter is not None or not self._canvass.is_home:
            return
        first = wire.electorate_of(Configuration.alone(self.me), self._canvass.roll.members)
        self._sit(await self._journal.ledgers.found(self._house.record.id, self.me, wire.text_of(first)))
        early, self._early = self._early, []
        self.logged(early)

    async def _install(self, frame: Quorum) -> None:
        """Take the log of the home, as far as it is acknowledged, once all events of it are here."""
        place, electorate, voter = frame.acknowledged, frame.electorate, self.voter
        if electorate is None or self._canvass.is_home or (voter is not None and frame.term < voter.ballot.term):
            return
        turns = tuple(Turn(at, term, seq, wire.text_of(who)) for at, term, seq, who in frame.turns)
        if self._journal.top(self._house.record.id) < place - len(turns):
            return
        term = turns[-1].term if turns else frame.of
        log = self.log if voter is not None and self.log is not None and self.log.first.tie == electorate.tie else None
        if voter is None or log is None or voter.ledger.of(place) != term or len(turns) > len(log.turns):
            vote = voter.ballot.vote if voter is not None and voter.ballot.term == frame.term else ""
            first = wire.text_of(electorate)
            record = LedgerRecord(self.me, frame.term, vote, frame.of, first, place, turns)
            await self._journal.ledgers.put(self._house.record.id, record)
            self._sit(record)
            self._hands.learn(Logged(turn.place, turn.term, turn=turn) for turn in turns)
        if self.voter is not None:
            self._do(self.voter.receive(frame.sender, Append(frame.term, place, term, (), place), clock()))
            self._canvass.hurry()  # the home may know at once

    async def _join(self, home: VoterInfo, term: int, fork: int, voter: Voter | None) -> None:
        if voter is None or self.voter is not voter:
            return  # it was said more than once, and is done
        record = self._house.record
        addresses = (home.address,) if home.address else ()
        record = replace(record, home=lead_node(home), term=max(term, record.term), addresses=addresses)
        ledgers = self._journal.ledgers
        self.voter = self.log = None
        self.numbering = False  # what is said from now on waits behind what was said before
        self._answers.hold()
        await ledgers.settle()
        while await ledgers.retreat(record.id, fork):
            pass
        self.me = f"{self._node.id}.{secrets.token_hex(8)}"
        left = ledgers.leave(record)
        await self._house.turn_to(record)
        await left
        await self._house.start_over()
        self._house.changed()

    def _sit(self, record: LedgerRecord) -> None:
        """Vote from now on, with what is on the disk."""
        log = Log(record, self._journal.top(self._house.record.id), home=self._canvass.is_home)
        self.me, self.log = record.me, log
        self._answers.begin(log.moved)
        self._canvass.roll.learn(log.first)
        self._hands.learn(Logged(turn.place, turn.term, turn=turn) for turn in log.turns)
        ballot = Ballot(record.term, record.vote)
        self.voter = Voter(self.me, log.ledger(), ballot, log.moved, clock(), chance=random.Random())
        self._do(self.voter.start(clock()))

    def _stop_numbering(self) -> None:
        """Number nothing more: what waits is held, and nobody is heard until everything is kept that was numbered."""
        self.numbering = False
        self._answers.hold()
        self._draining = self._journal.ledgers.settle()
        self._draining.add_done_callback(self._drained)

    def _drained(self, done: "asyncio.Future[None]") -> None:
        self._draining = None
        self._answers.hold()
        if not done.cancelled() and (error := done.exception()) is not None:
            self._break(error)

    def _break(self, error: BaseException) -> None:
        """Begin anew in a moment with what is on the disk, as after a crash."""
        _log.warning("Who numbers room %r is looked for anew: %s", self._house.record.name, error, exc_info=error)
        self._broken_until = clock() + AGAIN
        if self.voter is not None:
            self.voter = None
            if self.numbering:
                self._stop_numbering()


def clock() -> float:
    """Return the time, in seconds, of a clock that only goes forward."""
    return time.monotonic()
