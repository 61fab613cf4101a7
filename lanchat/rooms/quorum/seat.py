"""This node's seat among the voters of a room: joins the protocol, the journal and the links to the others."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from lanchat.errors import LanchatError
from lanchat.journal import Draft, Journal, Kept
from lanchat.protocol import NodeInfo, Quorum, VoterInfo, ballot_of
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.hands import House
from lanchat.rooms.quorum.keeper import LogKeeper, clock
from lanchat.rooms.quorum.ledger import Contradiction
from lanchat.rooms.quorum.messages import Append, Ask
from lanchat.rooms.quorum.patience import Patience, turn_of
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration, Stance, Voters
from lanchat.rooms.quorum.waiting import Answer

_log = logging.getLogger(__name__)

TICK = 0.1
"""Seconds between two looks at the clock."""
CATCH_UP = 3.0
"""Most seconds to wait for an event that is known elsewhere."""
TELLING = 10.0
"""Most seconds in which those who decide no more are told so; the room is numbered meanwhile."""
LEAP = 2**26
"""Most terms that another voter may be ahead: whoever claims more would use them up.

A room that was in a Redis has come 2**16 terms further by each meeting of the nodes there.
"""
_NEVER = float("inf")


class Seat(LogKeeper):
    """Takes part in deciding who numbers one room, and what is acknowledged in it.

    As long as nobody else could vote, nothing is decided and nothing costs anything: the home is a quorum by itself.
    Args and attributes as those of `LogKeeper`.
    """

    def __init__(self, house: House, node: NodeInfo, journal: Journal) -> None:
        super().__init__(house, node, journal)
        self._patience = Patience()
        self._shown_alone = False

    @property
    def voters(self) -> tuple[str, ...]:
        """Who votes, as far as it is known here."""
        return self._canvass.voters

    @property
    def missing(self) -> list[str]:
        """The names of the nodes that vote and do not answer."""
        return self._canvass.roll.missing(self.voters, self.me, clock())

    @property
    def alone(self) -> bool:
        """Whether this node went on without those who decided, and nobody decides yet with it."""
        return self.log is not None and self.log.first.since > 0 and self.voters == (self.me,)

    @property
    def others(self) -> list[VoterInfo]:
        """Where the others are who vote, those heard just now first; the home hears all, and leaves the others out."""
        now, canvass = clock(), self._canvass
        heard = {voter for voter in self.voters if canvass.roll.lately(voter, now)}
        those = sorted(self.voters, key=lambda voter: voter not in heard)
        members = [canvass.roll.members.get(voter) for voter in those if voter in heard or not canvass.is_home]
        return [member for member in members if member is not None and member.voter != self.me]

    # What the room asks of it.

    def post(self, draft: Draft, *, brought: bool) -> asyncio.Future[Kept] | Answer:
        """Take what somebody says at the home, as `Role.post`; it is answered when enough voters keep it."""
        if not self.numbering or (self.leftover.busy and not brought):
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

    def take(self, frame: Quorum, host: str, person: str = "") -> None:
        """Take what the node of a voter says.

        What nobody can say who follows the rules is not taken, and whoever has said it is no voter any more.

        Args:
            frame: what it says; a vote is signed.
            host: where the node is.
            person: id of the person whose node it is.
        """
        now, canvass = clock(), self._canvass
        address = self._house.address(host, frame.port)
        if now < self._broken_until or not canvass.roll.hear(frame, address, now, person):
            return
        if frame.term > self._term + LEAP:
            return
        if frame.to not in {"", self.me}:  # whom this node was in a log that it has no more
            canvass.answer_seek(frame)
            return
        if (self.voter is not None or canvass.is_home) and (unread := canvass.roll.to_read(frame.sender)):
            self._worker.do(lambda: self._look_up(unread))
        match frame.step:
            case "offer":
                canvass.take_offer(frame)
            case "seek":
                canvass.answer_seek(frame)
            case "install" if canvass.trusts(frame.sender):
                self._worker.do(lambda: self._install(frame))
            case "lead" if frame.home is not None and (
                canvass.trusts(frame.sender) or (frame.home.voter == frame.sender and canvass.knows(frame.sender, now))
            ):
                canvass.take_lead(frame, frame.home, now)
            case "ballots" if frame.sender in self.voters:
                canvass.count(frame.ballots)
            case _:
                self._take_message(frame, person, now)

    def tick(self) -> None:
        """Let time pass."""
        now = clock()
        if now < self._broken_until:
            return
        if self._broken_until:
            self._broken_until = 0.0
            self._worker.do(self.restore)
        if self.voter is not None:
            self._do(self.voter.tick(now))
        if self.voter is not None and not self.handing and (wanted := self._canvass.better(now)):
            self._do(self.voter.change(wanted))
        if self._patience.ends(now, numbered=not self._deserted, after=self._house.patience, turn=self._turn(now)):
            self._worker.do(self._go_on)
        if self.alone != self._shown_alone:
            self._shown_alone = self.alone
            self._house.changed()
        self._canvass.tick(now)

    async def hand_over(self, within: float) -> None:
        """Let another voter be home before this node goes, so that nobody has to wait for it; give up after a while."""
        voter = self.voter
        if voter is not None and voter.standing is Stance.HOME and (heir := voter.heir(clock())):
            with contextlib.suppress(TimeoutError, LanchatError):
                async with asyncio.timeout(within):
                    await self._hand(voter, heir)

    async def leave(self) -> None:
        """Take part no more, and number nothing more: what is said from now on waits. Raises JournalError."""
        self.numbering = False
        self._answers.hold()
        await self.close()
        await self._journal.ledgers.settle()
        self._answers.hold()

    async def retire(self, within: float) -> None:
        """Decide alone and number nothing more, so that the room can be numbered where nobody votes.

        What is said from now on waits. Those who decided hear first that they do not any more: who does not know it
        could go on without this node.

        Raises:
            TimeoutError: too many of those who decide do not answer; `resume` goes on as it was.
        """
        async with asyncio.timeout(within):
            voter, log = self.voter, self.log
            if voter is not None and log is not None:
                self.handing = self.me  # nobody else is to vote meanwhile
                await self._be_alone(voter)
            self.numbering = False
            await self._journal.ledgers.settle()
            while voter is not None and log is not None and log.moved < voter.ledger.top:
                await self._answers.more()

    async def resume(self) -> None:
        """Go on as before `retire`. Raises JournalError."""
        self.handing = ""
        if self.voter is None or self.voter.standing is Stance.HOME:
            self.numbering = True
            self.leftover.hold()
            await self.leftover.go_on(await self._journal.ledgers.number_waiting(self._house.record.id))

    async def close(self) -> None:
        """Take part no more."""
        self._broken_until = _NEVER
        self.voter = None
        self.leftover.stop()
        await self._worker.close()

    @property
    def _term(self) -> int:
        """The highest term that this node knows."""
        return max(self._house.record.term, self.voter.ballot.term if self.voter is not None else 0)

    @property
    def _deserted(self) -> bool:
        """Whether this node decides with others, and nobody numbers, as far as it knows."""
        return self.voter is not None and self.voter.home == "" and self.me in self.voters

    def _turn(self, now: float) -> int:
        return turn_of(self.me, self.voters, self._canvass.roll.heard(now))

    async def _go_on(self) -> None:
        """Go on by itself, as the people of the room have said; unless somebody numbers by now."""
        if self._deserted:
            _log.info("Room %r goes on here by itself", self._house.record.name)
            await self.claim()

    def _take_message(self, frame: Quorum, person: str, now: float) -> None:
        voter, message = self.voter, wire.message_of(frame)
        if voter is None or message is None or self._draining is not None:
            return
        if frame.sender not in self.voters and not (isinstance(message, Append) and self._canvass.trusts(frame.sender)):
            if isinstance(message, Ask):
                self._canvass.answer_seek(frame)  # it voted once, and others were chosen while it was away
            return
        handed = isinstance(message, Ask) and message.handed
        if handed and voter.standing is Stance.HOME and frame.sender != self.handing:
            return  # nobody was asked to
        if isinstance(message, Append):
            self._canvass.show_ballots(frame.sender, frame.term)
        elif person and (cast := ballot_of(frame, person)) is not None and not self._canvass.count([cast]):
            return
        try:
            self._do(voter.receive(frame.sender, message, now))
        except (Contradiction, ValueError) as error:
            if frame.sender not in self.voters:
                self._canvass.send(frame.sender, "seek")  # a home of another branch, which says so when it is asked
                return
            _log.warning("What %s says of room %r cannot be: %s", frame.sender, self._house.record.name, error)
            self._canvass.roll.expel(frame.sender)

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

    async def _be_alone(self, voter: Voter) -> None:
        """As the home, be the only one who decides, and let those who did know that."""
        ledger, alone = voter.ledger, Configuration.alone(self.me)
        others = set(ledger.configuration.without(self.me))
        while ledger.configuration != alone or voter.acknowledged < ledger.configured:
            self._do(voter.change(alone.voters))  # nothing happens while another change goes on
            await asyncio.sleep(TICK)
        self._canvass.knowing.clear()  # it was about fewer turns
        await self._tell(others)

    async def _tell(self, others: set[str]) -> None:
        """Let others know who decides now; who does not hear it for a while is away, and is no quorum alone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TELLING):
                while missing := others - self._canvass.knowing:
                    for each in missing:
                        self._canvass.send_log(each)
                    await asyncio.sleep(TICK)

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that comes by what others say, or by what is kept here."""
        while not holds():
            self._news.clear()
            await self._news.wait()
