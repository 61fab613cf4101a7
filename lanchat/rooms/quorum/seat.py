"""This node's seat among the voters of a room: joins the protocol, the journal and the links to the others."""

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable

from lanchat.errors import LanchatError
from lanchat.journal import Draft, Journal, Kept, LedgerRecord, Logged, Turn
from lanchat.protocol import NodeInfo, Quorum, VoterInfo
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.answers import Answer, Answers
from lanchat.rooms.quorum.canvass import Canvass
from lanchat.rooms.quorum.checks import Contradiction
from lanchat.rooms.quorum.effects import Effect, Follow
from lanchat.rooms.quorum.hands import Hands, House
from lanchat.rooms.quorum.ledger import Ballot
from lanchat.rooms.quorum.log import Log
from lanchat.rooms.quorum.messages import Append, Ask
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration, Stance, Voters
from lanchat.rooms.quorum.worker import Worker

_log = logging.getLogger(__name__)

TICK = 0.1
"""Seconds between two looks at the clock."""
AGAIN = 1.0
"""Seconds until a seat that could not keep something begins anew with what is on the disk."""
CATCH_UP = 3.0
"""Most seconds to wait for an event that is known elsewhere."""
LEAP = 1_000_000
"""Most terms that another voter may be ahead: whoever claims more would use them up."""
_NEVER = float("inf")


class Seat:
    """Takes part in deciding who numbers one room, and what is acknowledged in it.

    As long as nobody else could vote, nothing is decided and nothing costs anything: the home is a quorum by itself.

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
        self._early: list[Logged] = []
        self._draining: asyncio.Future[None] | None = None
        self._broken_until = 0.0
        self._news = asyncio.Event()
        self.handing = ""

    @property
    def voters(self) -> tuple[str, ...]:
        """Who votes, as far as it is known here."""
        return self._canvass.voters

    # What the room asks of it.

    async def restore(self) -> None:
        """Go on with what is on the disk. Raises JournalError."""
        record = await self._journal.ledgers.load(self._house.record.id)
        if record is not None:
            self.numbering = False
            self._sit(record)

    def post(self, draft: Draft, *, brought: bool) -> asyncio.Future[Kept] | Answer:
        """Take what somebody says at the home, as `Role.post`; it is answered when enough voters keep it."""
        if not self.numbering:
            return self._journal.enqueue(draft)
        numbered = self._journal.append(draft, brought=brought)
        if self.voter is None:
            return numbered
        return self._answers.to(numbered)

    async def catch_up(self, seq: int) -> None:
        """Wait a moment for an event that somebody has already: who is home since just now learns it soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP):
                while self.voters and self._journal.top(self._house.record.id) < seq:
                    await self._answers.more()

    def logged(self, entries: list[Logged]) -> None:
        """Take what this node has numbered, and what is on the disk by now."""
        if self.voter is None or self.log is None:
            self._early += entries
            return
        self.log.add(entries)
        self._do(self.voter.kept([wire.numbered(entry) for entry in entries], _now()))

    def take(self, frame: Quorum, host: str) -> None:
        """Take what the node of a voter says, which is at `host`; what none can say who follows the rules, nobody."""
        now, canvass = _now(), self._canvass
        if frame.to not in {"", self.me} or now < self._broken_until:
            return
        canvass.roll.hear(frame, self._house.address(host, frame.port), now)
        match frame.step:
            case "offer":
                canvass.take_offer(frame)
            case "seek":
                canvass.answer_seek(frame)
            case "install" if canvass.trusts(frame.sender):
                self._worker.do(lambda: self._install(frame))
            case "lead" if canvass.trusts(frame.sender) and frame.home is not None:
                canvass.take_lead(frame, frame.home)
            case _:
                self._take_message(frame, now)

    def tick(self) -> None:
        """Let time pass."""
        now = _now()
        if now < self._broken_until:
            return
        if self._broken_until:
            self._broken_until = 0.0
            self._worker.do(self.restore)
        if self.voter is not None:
            self._do(self.voter.tick(now))
        if self.voter is not None and not self.handing and (wanted := self._canvass.better(now)):
            self._do(self.voter.change(wanted))
        self._canvass.tick(now)

    async def hand_over(self, within: float) -> None:
        """Let another voter be home before this node goes, so that nobody has to wait for it; give up after a while."""
        voter, heir = self.voter, self._canvass.heir(_now())
        if voter is not None and voter.standing is Stance.HOME and heir:
            with contextlib.suppress(TimeoutError, LanchatError):
                async with asyncio.timeout(within):
                    await self._hand(voter, heir)

    async def close(self) -> None:
        """Take part no more."""
        self._broken_until = _NEVER
        self.voter = None
        await self._worker.close()

    # What the canvass asks of it.

    def found(self) -> None:
        """Begin the room's log, because somebody else could vote."""
        if self.numbering:
            self._worker.do(self._found)

    def follow(self, home: VoterInfo, term: int) -> None:
        """Let another node be home."""
        self._worker.do(lambda: self._hands.follow(home, term))

    # Voting.

    def _take_message(self, frame: Quorum, now: float) -> None:
        voter, message = self.voter, wire.message_of(frame)
        if voter is None or message is None or self._draining is not None or frame.term > voter.ballot.term + LEAP:
            return
        if frame.sender not in self.voters and not (isinstance(message, Append) and self._canvass.trusts(frame.sender)):
            return
        handed = isinstance(message, Ask) and message.handed
        if handed and voter.standing is Stance.HOME and frame.sender != self.handing:
            return  # nobody was asked to
        try:
            self._do(voter.receive(frame.sender, message, now))
        except (Contradiction, ValueError) as error:
            _log.warning("What %s says of room %r cannot be: %s", frame.sender, self._house.record.name, error)

    async def _hand(self, voter: Voter, to: str) -> None:
        self.numbering = False  # what is said from now on waits for the next home
        self.handing = to
        await self._journal.ledgers.settle()
        await self._until(lambda: voter.ledger.configuration.joint is None)
        now = voter.ledger.configuration.voters
        if now.tie == self.me and len(now.members) % 2 == 0:
            wanted = Voters(now.members, to)
            self._do(voter.change(wanted))
            await self._until(lambda: voter.ledger.configuration == Configuration(wanted))
        self._do(voter.hand_over(to))
        await self._until(lambda: voter.home not in {"", self.me})

    def _do(self, effects: Iterable[Effect]) -> None:
        self._news.set()
        for effect in effects:
            if isinstance(effect, Follow) and self.numbering:
                self._stop_numbering()
            self._worker.do(lambda effect=effect: self._hands.carry_out(effect))  # type: ignore[misc]

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
        if voter is None or self.log is None or voter.ledger.of(place) != term or len(turns) > len(self.log.turns):
            vote = voter.ballot.vote if voter is not None and voter.ballot.term == frame.term else ""
            first = wire.text_of(electorate)
            record = LedgerRecord(self.me, frame.term, vote, frame.of, first, place, turns)
            await self._journal.ledgers.put(self._house.record.id, record)
            self._sit(record)
            self._hands.learn(Logged(turn.place, turn.term, turn=turn) for turn in turns)
        if self.voter is not None:
            self._do(self.voter.receive(frame.sender, Append(frame.term, place, term, (), place), _now()))
            self._canvass.hurry()  # the home may know at once

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that comes by what others say, or by what is kept here."""
        while not holds():
            self._news.clear()
            await self._news.wait()

    def _sit(self, record: LedgerRecord) -> None:
        """Vote from now on, with what is on the disk."""
        log = Log(record, self._journal.top(self._house.record.id), home=self._canvass.is_home)
        self.me, self.log = record.me, log
        self._answers.reach(log.moved)
        self._canvass.roll.learn(log.first)
        self._hands.learn(Logged(turn.place, turn.term, turn=turn) for turn in log.turns)
        ballot = Ballot(record.term, record.vote)
        self.voter = Voter(self.me, log.ledger(), ballot, log.moved, _now(), chance=random.Random())
        self._do(self.voter.start(_now()))

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
        self._broken_until = _now() + AGAIN
        if self.voter is not None:
            self.voter = None
            if self.numbering:
                self._stop_numbering()


def _now() -> float:
    return time.monotonic()
