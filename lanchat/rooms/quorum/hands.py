"""Carries out what a voter wants to be done: each thing on the disk before the next."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

from msgspec.structs import replace

from lanchat.journal import Journal, Logged, Refused, RoomRecord
from lanchat.protocol import NodeInfo, VoterInfo, lead_node, node_of
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.canvass import Canvass, Carrier, Chair
from lanchat.rooms.quorum.effects import Acknowledged, Begin, Change, Effect, Follow, Keep, Resume, Send, Store
from lanchat.rooms.quorum.log import Log
from lanchat.rooms.quorum.messages import Append, Message
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration, Stance
from lanchat.rooms.quorum.waiting import Answers, Leftover

MOST_BYTES = 40 * 1024
"""Most bytes of events in one frame to another voter, unless a single one is larger; a frame is read up to 64 KiB."""


class House(Carrier, Protocol):
    """What a seat needs of its room."""

    @property
    def patience(self) -> float:
        """Seconds without a quorum after which this node goes on by itself; 0 for never."""

    def turn_to(self, record: RoomRecord) -> Awaitable[None]:
        """Swap the role of this node, at once; awaited is the end of the former role."""

    async def refused(self, refused: Sequence[Refused]) -> None:
        """Tell the authors of what waited and cannot be numbered."""

    def address(self, host: str, port: int) -> str:
        """Return where somebody answers, as an address is written."""

    async def start_over(self) -> None:
        """Tell everybody here that the room was joined with what others said: its history is not the one they know."""

    def changed(self) -> None:
        """Note that the room can be written in, or cannot any more."""


class Seated(Chair, Protocol):
    """Whose hands they are."""

    numbering: bool
    handing: str
    leftover: Leftover


class Hands:
    """Does what the protocol asks for, over the journal, the room and the links.

    Args:
        seat: whose hands they are.
        house: the room.
        node: this node.
        journal: keeps log and vote.
        canvass: sends frames, and knows where everybody is.
        answers: answers those who wait.
    """

    def __init__(  # noqa: PLR0917
        self, seat: Seated, house: House, node: NodeInfo, journal: Journal, canvass: Canvass, answers: Answers
    ) -> None:
        self._seat = seat
        self._house = house
        self._node = node
        self._ledgers = journal.ledgers
        self._canvass = canvass
        self._answers = answers

    async def carry_out(self, effect: Effect) -> None:
        """Do one thing. Raises JournalError when it could not be kept."""
        seat, ledgers, room = self._seat, self._ledgers, self._house.record.id
        voter, log = seat.voter, seat.log
        if voter is None or log is None:
            return
        match effect:
            case Keep(term=term, vote=vote):
                await ledgers.vote(room, term, vote)
            case Store():
                await self._store(effect, log)
            case Send(to=to, message=message, last=last):
                await self._send(to, message, last, voter, log)
            case Acknowledged(seq=place):
                await self._acknowledge(place, log)
            case Begin(term=term, after=after):
                await self._begin(term, after, voter, log)
            case Resume():
                await self._resume()
            case Change(configuration=configuration):
                await self._change(configuration, log)
            case Follow(home=home):
                self._house.changed()
                await self.follow(self._canvass.roll.members.get(home, VoterInfo(voter=home)), voter.ballot.term)

    async def _resume(self) -> None:
        """Number again."""
        seat = self._seat
        if not seat.numbering:
            seat.numbering = True
            seat.leftover.hold()
            await seat.leftover.go_on(await self._ledgers.number_waiting(self._house.record.id))
        self._house.changed()

    async def _store(self, effect: Store, log: Log) -> None:
        kept = wire.to_keep(effect.entries, log.seq(effect.after))
        await self._ledgers.store(self._house.record.id, effect.after, kept)
        log.replace(effect.after, kept)
        self.learn(kept)

    def learn(self, entries: Iterable[Logged]) -> None:
        """Note where voters are, as the log says it."""
        for entry in entries:
            if entry.turn is not None and (electorate := wire.read_electorate(entry.turn.voters)):
                self._canvass.roll.learn(electorate)

    async def _change(self, configuration: Configuration, log: Log) -> None:
        """Let others decide, unless another home chooses them by now."""
        if self._seat.numbering or self._seat.handing:
            electorate = wire.electorate_of(configuration, self._canvass.roll.members)
            room, alone = self._house.record.id, log.alone(configuration)
            await self._ledgers.turn(room, wire.text_of(electorate), alone=alone)

    async def _acknowledge(self, place: int, log: Log) -> None:
        """Show everything up to a place, and answer who waits for that."""
        if log.waits(place):
            await self._ledgers.acknowledge(self._house.record.id, place)
        log.move(place)
        self._answers.reach(place)

    async def _begin(self, term: int, after: int, voter: Voter, log: Log) -> None:
        """Be home."""
        if voter.standing is not Stance.HOME or voter.ballot.term != term:
            return
        self._seat.handing = ""
        record = replace(self._house.record, home=self._node, term=term, addresses=())
        alone = log.alone(voter.ledger.configuration)
        # Both begin in one turn of the loop, so that each post is for the one home or for the other.
        begun = self._ledgers.begin(record, after, alone=alone)
        self._seat.numbering = True
        self._seat.leftover.hold()
        await self._house.turn_to(record)
        await self._seat.leftover.go_on(await begun)
        self._house.changed()

    async def follow(self, home: VoterInfo, term: int) -> None:
        """Be a mirror of another node; of none that is known when it has no id."""
        record = self._house.record
        if not home.voter and self._house.linked:
            await self._house.turn_to(record)  # whoever numbered is silent, and the link to it may not know that yet
        if node_of(home.voter) in {"", record.home.id}:
            return
        addresses = (home.address,) if home.address else ()
        record = replace(record, home=lead_node(home), term=max(term, record.term), addresses=addresses)
        await self._ledgers.follow(record, self._answers.reached)
        await self._house.turn_to(record)
        self._house.changed()

    async def _send(self, to: str, message: Message, last: int, voter: Voter, log: Log) -> None:
        entries: list[Logged] = []
        if isinstance(message, Append) and last > message.after:
            after = message.after
            entries = await self._ledgers.entries(self._house.record.id, after, last, MOST_BYTES)
            if not entries and after < log.moved:
                self._canvass.send_log(to)
                return
            voter.copies.sent(to, after + len(entries))
        said = [wire.said_of(entry, voter.ledger.of(entry.place)) for entry in entries]
        self._canvass.put(wire.frame_of(self._house.record.id, self._seat.me, to, message, said))
