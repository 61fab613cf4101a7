"""Brings rooms of one name together that were opened apart: what this node does for it, by itself or as is wished."""

import logging
import time
from collections.abc import Collection

from lanchat.errors import LanchatError, StaysApart
from lanchat.identity import Owner
from lanchat.journal import Journal
from lanchat.lan.directory.namesakes import gives_way_to, joins, may_unite, rivals
from lanchat.lan.directory.network import Network
from lanchat.protocol import Event, RoomInfo, Rule, heir_of
from lanchat.rooms import DEFAULT_ROOM, Heir, Room, RoomRegistry, declare, succession

_log = logging.getLogger(__name__)

SETTLE = 3.0
"""Seconds for which rooms of one name are looked for before one in which people spoke goes on as another: they are told
of one after the other, and what has gone on as one of them has its people there."""
LAST = 5.0
"""Most seconds for which the home of a room that goes on as another one waits until others have heard of that."""
YOUNG = 86_400_000
"""Milliseconds after its first word in which a room where other machines decide goes on as another one by itself. It is
given to a stranger by that, if their room has the smaller id; an older one is for a person to give."""
MOST_ASKED = 4
"""Most nodes that are asked at a time what became of a room: anybody can announce rooms."""
SOON = 0.5
"""Seconds until it is looked again."""
REST = 30.0
"""Seconds in which a node is not asked again what became of a room."""
_MOST_KNOWN = 1_000


class Unions:
    """Lets rooms of this node give way or go on as others, and decides that for those of its person.

    Args:
        rooms: the rooms of this node.
        network: the rooms of others.
        owner: the person whose node it is.
        journal: says what can be said again elsewhere.
    """

    def __init__(self, rooms: RoomRegistry, network: Network, owner: Owner, journal: Journal) -> None:
        self._rooms = rooms
        self._network = network
        self._owner = owner
        self._journal = journal
        self._met: dict[str, float] = {}
        self._going: dict[str, float] = {}
        self._asked: dict[tuple[str, str], float] = {}

    async def unite(self, room: Room, into: str) -> None:
        """Let a room go on as another of its name, because its person wants it; who is in it moves there.

        Raises:
            StaysApart: one of them has another name or a door, or is not here, or what holds or was said in this one
                cannot go along; the sentence says it.
            Unreachable: those who decide in it are away.
            JournalError: it was not kept, and everything is as it was.
        """
        offer = next((offer for offer in self._network.found() if offer.id == into), None)
        if offer is None or succession.is_shared(room.record) or not may_unite(room.info, offer):
            raise StaysApart("Only a room of this machine becomes one with another of its name, both without a door.")
        if not await self._network.answers_as_home(into):
            raise StaysApart("The home of the other room does not answer now.")
        if room.top == 0:
            await self._rooms.give_way(room, into)
            return
        await self._check(room, offer)
        await self._decide(room, into)
        if not room.links_here and (heir := await self._heir(room, [offer])) is not None:
            await self._rooms.go_on_as(room, heir)

    async def look(self) -> float:
        """Do what can be done now, and return the seconds after which there may be more; 0 when only a change helps."""
        # Else one whose home never answers would keep all others of its name apart.
        offers = [offer for offer in self._network.found() if not self._network.rests(offer.id)]
        names = {offer.name for offer in offers}
        pauses = [0.0]
        for room in self._rooms:
            if room.name not in names or succession.is_shared(room.record):
                continue
            try:
                pauses.append(await self._look_at(room, offers))
            except LanchatError as error:
                _log.warning("Room %r stays apart from others of its name for now: %s", room.name, error)
                pauses.append(SETTLE)
        return min(filter(None, pauses), default=0.0)

    async def _look_at(self, room: Room, offers: Collection[RoomInfo]) -> float:
        """Do what can be done with one room. Anybody can announce one: only what proves to be its home is believed."""
        better = gives_way_to(room.info, offers)
        if better is not None:
            if not await self._network.answers_as_home(better):
                return SOON  # while it rests there may be another one
            await self._rooms.give_way(room, better)
            return 0.0
        if (heir := await self._heir(room, offers)) is not None:
            return await self._go_on(room, heir)
        into = joins(room.info, offers)
        if into is not None and self._may_decide(room):
            return await self._settle(room, into)
        self._met.pop(room.id, None)
        return REST if room.top and rivals(room.info, offers) else 0.0

    async def _settle(self, room: Room, into: str) -> float:
        """Decide that a room goes on as another one, once all of its name had the time to be seen."""
        waited = time.monotonic() - self._met.setdefault(room.id, time.monotonic())
        if waited < SETTLE:
            return SETTLE - waited
        if not await self._is_young(room) or not await self._journal.unions.is_provable(room.id, self._me):
            return 0.0
        if await self._network.answers_as_home(into):
            await self._decide(room, into)
            return SOON
        return REST

    async def _is_young(self, room: Room) -> bool:
        """Return whether nobody else's machine decides in a room, or people have spoken in it for a day at most."""
        if room.kind == "home" and (room.seat is None or room.seat.voter is None):
            return True
        return time.time_ns() // 1_000_000 - await self._journal.unions.begun(room.id) < YOUNG

    @property
    def _me(self) -> str:
        return self._owner.author.id

    def _may_decide(self, room: Room) -> bool:
        """Return whether a room was opened by itself here, and its owner can say now that it goes on as another one."""
        record, policy = room.record, room.door.policy
        opened = room.name == DEFAULT_ROOM and record.owner == self._me and record.salt
        return bool(opened) and room.info.online and policy.heir is None and policy.harmless

    async def _check(self, room: Room, offer: RoomInfo) -> None:
        """Return if a room can go on as another one. Raises StaysApart."""
        if not room.record.salt or room.record.owner != self._me:
            raise StaysApart("Only the person who opened the room can let it go on as another one.")
        if offer.id > room.id:
            raise StaysApart(
                f"The other room is the one that goes on as this: whoever opened it on {offer.node.name} can say so."
            )
        if not room.door.policy.harmless:
            raise StaysApart("What its rules forbid would not hold in the other room; take those rules back first.")
        if not await self._journal.unions.is_provable(room.id, self._me):
            raise StaysApart(
                "Something in it is not signed, such as what was imported, and no other room takes that. "
                "lanchat export keeps what is in it."
            )

    async def _decide(self, room: Room, into: str) -> None:
        """Have those who decide in a room keep that it goes on as another one. Raises LanchatError."""
        if room.door.policy.heir is None:
            await declare(room, self._owner, Rule(change="unite", into=into, salt=room.record.salt))

    async def _go_on(self, room: Room, heir: Heir) -> float:
        """Go on as another room; the home after those who are linked to it, who hear of it by it."""
        since = self._going.setdefault(room.id, time.monotonic())
        if room.kind == "home" and room.links_here and time.monotonic() - since < LAST:
            return SOON
        await self._rooms.go_on_as(room, heir)
        self._going.pop(room.id, None)
        return 0.0

    async def _heir(self, room: Room, offers: Collection[RoomInfo]) -> Heir | None:
        """Return as which room one goes on: by what is said in it, or by what others say who have the other room."""
        at, words = room.id, tuple[Event, ...]()
        if (word := room.door.policy.heir) is not None:
            at, words = heir_of(room.id, word.author.id, word.body.text), (word,)
            if at in self._rooms:
                return Heir(self._rooms.get(at).record, words)
            record = self._network.find(room=at)
            if record is not None and await self._network.answers_as_home(at):
                return Heir(record, words)
        if not room.top:
            return None
        now = time.monotonic()
        fresh = [offer for offer in rivals(room.info, offers) if now >= self._asked.get((at, offer.id), 0.0)]
        for offer in fresh[:MOST_ASKED]:
            if offer.id < at and (known := await self._ask(at, offer)) is not None:
                return Heir(known.record, (*words, *known.words))
        return None

    async def _ask(self, room: str, offer: RoomInfo) -> Heir | None:
        """Return as which room one goes on, if the home of another of its name says so and proves it."""
        if len(self._asked) >= _MOST_KNOWN:
            self._asked.clear()
        self._asked[room, offer.id] = time.monotonic() + REST
        try:
            return await self._network.heir(room, offer.id)
        except LanchatError as error:
            _log.debug("%s does not say what became of room %r: %s", offer.node.name, offer.name, error)
            return None
