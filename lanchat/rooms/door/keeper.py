"""The doors of all rooms of this node: they follow the rules, and remember who was let in."""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from lanchat.errors import (
    InvalidInvitation,
    JournalError,
    LanchatError,
    LimitReached,
    NoSuchRoom,
)
from lanchat.identity import Owner
from lanchat.journal import DoorStore, RoomRecord
from lanchat.limits import Limits
from lanchat.protocol import Event, Policy, Rule
from lanchat.rooms.door import tickets
from lanchat.rooms.door.alarm import Alarm
from lanchat.rooms.door.declaring import Forum, declare
from lanchat.rooms.door.doorway import Comer, Doorway
from lanchat.rooms.door.graveyard import Graveyard
from lanchat.rooms.door.passphrase import Exchange, Workshop, check_same, key_of

_log = logging.getLogger(__name__)

RULES = 200
"""Rules in one answer to who asks for them."""
MOST_PASSES = 20_000
"""Most people and nodes of whom one room remembers that they were let in here."""
_MOST_SEEN = 4_096
"""People whose last address is remembered."""


class Doorkeeper:
    """Keeps the doors of the rooms of one node.

    Args:
        store: remembers them.
        owner: id of the person whose node it is.
        limits: how often passphrases are tried, and how much there may be.
        tell: tells the person of this node something, such as that passphrases are guessed; it must not wait.
        clock: seconds that only grow.

    Attributes:
        owner: id of the person whose node it is.
        graves: the rooms that their owners have deleted for everybody.
    """

    def __init__(
        self,
        store: DoorStore,
        owner: str = "",
        *,
        limits: Limits | None = None,
        tell: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.owner = owner
        self._store = store
        self._limits = limits or Limits()
        self._alarm = Alarm(tell, self._limits, clock)
        self._names: dict[str, str] = {}
        self._clock = clock
        self._doors: dict[str, Doorway] = {}
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._workshop = Workshop()
        self.graves = Graveyard(store)

    def close(self) -> None:
        """Tell nobody anything more."""
        self._alarm.close()

    def get(self, room: str) -> Doorway | None:
        """Return the door of a room; None when it is not here."""
        return self._doors.get(room)

    def add(self, record: RoomRecord) -> Doorway:
        """Return the door of a room, which is new here or was brought back."""
        self._names[record.id] = record.name
        if record.id not in self._doors:
            self._doors[record.id] = Doorway(record.owner, self._clock, self._limits)
        return self._doors[record.id]

    def unlisted_of(self, person: str) -> set[str]:
        """Return the ids of the rooms in no list into which somebody was let."""
        unlisted = ((room, door) for room, door in self._doors.items() if not door.policy.listed)
        return {room for room, door in unlisted if person in door.passes | door.policy.admitted}

    def forget(self, room: str) -> None:
        """Forget a door, because its room is gone."""
        self._doors.pop(room, None)
        self._names.pop(room, None)

    async def load(self, records: Sequence[RoomRecord]) -> None:
        """Bring doors back at the start. Where rules may be missing they hold on until all are learned anew."""
        doors = [self.add(record) for record in records]
        await self.restore(*records)
        if self._store.doubtful:
            for door in doors:
                door.start_over()

    async def restore(self, *records: RoomRecord) -> None:
        """Bring doors back as the journal has them, or as they stand with more rules. Raises JournalError."""
        kept = await self._store.kept([record.id for record in records])
        for record, (rules, rest) in zip(records, kept, strict=True):
            door = self._doors[record.id]
            door.restore(record.owner, rules, rest)
            if door.policy.deleted is not None:
                self.graves.bury(door.policy.deleted)

    async def rules(self, room: str, after: int) -> tuple[list[Event], bool]:
        """Return the next rules of a room above a seq, and whether there are more. Raises JournalError."""
        found = await self._store.rules(room, after, RULES + 1)
        return found[:RULES], len(found) > RULES

    async def learn(self, record: RoomRecord, events: Sequence[Event]) -> None:
        """Take rules that the home of a mirror told, those among them that are older than what it keeps or were lost.

        Raises:
            NoSuchRoom, JournalError: they cannot be kept.
        """
        door = self._door(record.id)
        await self._store.keep_rules(record.id, [event for event in events if event.kind == "rule"])
        if not door.seq or any(event.seq <= door.seq for event in events):
            await self.restore(record)
            return
        for event in events:
            self.take(record.id, event, home=False)

    def take(self, room: str, event: Event, *, home: bool) -> Rule | None:
        """Follow a rule that was said just now, and return it; None when it changes nothing or is known.

        Nothing is waited for: the journal tells of a rule before it keeps anything else.

        Args:
            room: id of the room.
            event: the rule.
            home: whether the room's home is here.
        """
        door = self._door(room)
        before = door.policy
        rule = door.take(event) if event.seq > door.seq else None
        if rule is not None:
            self._follow(room, before, rule, home=home)
        if door.policy.deleted is event:
            self.graves.bury(event)
        door.echoes.heard(event.nonce)
        return rule

    async def grant(self, room: str, comer: Comer) -> None:
        """Remember that somebody was let in at this node. Raises NoSuchRoom, LimitReached, JournalError."""
        door = self._door(room)
        if not door.holds_pass(comer):
            if len(door.passes) >= MOST_PASSES:
                raise LimitReached(f"{MOST_PASSES} people were let into this room here, which is the most.")
            door.passes.add(comer.id)
            await self._store.put_pass(room, comer.id)

    async def stay(self, room: Forum, owner: Owner, comer: Comer) -> None:
        """Remember that somebody is inside while not everybody may come in.

        The person of another node is let in for good where the person of this one may say so, so that they are at the
        next home of the room as well. What cannot be remembered sends nobody out.
        """
        door = room.door
        if not door.remembers or door.holds_pass(comer):
            return
        with contextlib.suppress(LanchatError):
            await self.grant(room.id, comer)
            if comer.person and room.kind == "home" and door.policy.moderates(owner.author.id):
                await declare(room, owner, Rule(change="admit", person=comer.person))

    async def came_in(self, room: str, comer: Comer) -> None:
        """Remember from where somebody comes, in case they are banned with their address; and that they were in."""
        if self._door(room).remembers:
            with contextlib.suppress(LimitReached, JournalError):  # they are in all the same
                await self.grant(room, comer)
        if comer.address:
            self._seen[comer.id] = comer.address
            self._seen.move_to_end(comer.id)
            if len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)

    async def derive(self, room: str, passphrase: str) -> bytes:
        """Return what a passphrase of a room is made into. Raises SlowDown."""
        return await self._workshop.derive(passphrase, room)

    async def put_key(self, room: str, key: bytes) -> None:
        """Remember what the passphrase of a room was made into. Raises NoSuchRoom, JournalError."""
        await self._store.put_key(room, key)
        self._door(room).key = key

    async def enter_by_passphrase(self, room: str, comer: Comer, passphrase: str) -> None:
        """Let somebody in who says the passphrase.

        Raises:
            WrongPassphrase: it is another one.
            NeedsPassphrase: this node does not know it.
            NeedsInvitation: the room has none.
            SlowDown: there were too many wrong ones.
        """
        key = key_of(self._door(room))
        self._alarm.begin(room, self._names[room], comer.address)
        check_same(await self.derive(room, passphrase), key)
        await self._right(room, comer)

    async def enter_by_invitation(self, room: Forum, owner: Owner, comer: Comer, code: str) -> None:
        """Let somebody in who has an invitation; who was let in before keeps it.

        Who has a key, and whom a single one lets in, is said in the room, so that it holds at every node of it. What
        lets many in could fill the room with that, so guests get a pass of this node by it.

        Raises:
            InvalidInvitation: it is none for this room, or was used, has ended or was taken back.
            Unreachable: the home of the room, which decides that, is away.
            RefusedError, LimitReached: nobody may come in now.
        """
        if room.door.holds_pass(comer):
            return
        invitation, proof = tickets.found(room, code)
        if invitation.single or comer.person:
            await declare(room, owner, Rule(change="admit", person=comer.person or comer.id, proof=proof))
            if not room.door.holds_pass(comer):
                raise InvalidInvitation
        else:
            await self.grant(room.id, comer)

    async def knock(self, room: str, comer: Comer, share: str, node: str) -> Exchange:
        """Begin a proof with somebody who may know the passphrase. Raises as `enter_by_passphrase`.

        Args:
            room: id of the room.
            comer: who knocks.
            share: theirs.
            node: by what they know this node, as `Exchange` takes it.
        """
        key = key_of(self._door(room))
        self._alarm.begin(room, self._names[room], comer.address)
        return await asyncio.to_thread(Exchange.answering, key, room, node, share)

    async def confirm(self, room: str, comer: Comer, exchange: Exchange, tag: str) -> str:
        """Let somebody in whose tag proves the passphrase, and return our tag. Raises WrongPassphrase."""
        exchange.check(tag)
        await self._right(room, comer)
        return exchange.tag

    def _door(self, room: str) -> Doorway:
        door = self._doors.get(room)
        if door is None:
            raise NoSuchRoom
        return door

    async def _right(self, room: str, comer: Comer) -> None:
        self._alarm.right(room, self._names[room], comer.address)
        await self.grant(room, comer)

    def _follow(self, room: str, before: Policy, rule: Rule, *, home: bool) -> None:
        """Do what follows from a rule beside the policy."""
        door = self._doors[room]
        kept: list[asyncio.Future[None]] = []
        match rule.change:
            case "door" if before.renews(rule):
                # Who is inside stays and gets a new pass, everybody else has to come through the door.
                door.passes.clear()
                kept.append(self._store.drop_pass(room))
                if rule.door == "passphrase" and not home:
                    door.key = b""
                    kept.append(self._store.put_key(room, b""))
            case "ban" if rule.on:
                door.passes.discard(rule.person)
                kept.append(self._store.drop_pass(room, rule.person))
                if rule.address and (address := self._seen.get(rule.person)):
                    door.barred.add((address, rule.person))
                    kept.append(self._store.bar(room, address, rule.person))
            case "ban":
                door.barred = {each for each in door.barred if each[1] != rule.person}
                kept.append(self._store.unbar(room, rule.person))
            case "name":
                self._names[room] = rule.text
                kept.append(self._store.put_name(room, rule.text))
            case _:
                pass
        for each in kept:
            each.add_done_callback(_kept)


def _kept(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.warning("What follows from a rule holds until the next start only: %s", error)
