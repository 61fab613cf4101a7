"""The rooms that this node shares with others through one Redis."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lanchat.errors import CannotMove, LanchatError, RoomDeleted
from lanchat.journal import RoomRecord
from lanchat.lan.link import Inflow, LinkParts
from lanchat.lan.shared.catalogue import Catalogue, ClusterMark
from lanchat.lan.shared.company import Company
from lanchat.lan.shared.durability import Durability, read_durability, together
from lanchat.lan.shared.history import SharedHistory
from lanchat.lan.shared.link import SharedLink
from lanchat.lan.shared.moves import Departure, Passage, Placing, RoomHome
from lanchat.lan.shared.outbox import SharedOutbox
from lanchat.lan.shared.passing import WAKE, Passing
from lanchat.lan.shared.programs import Programs
from lanchat.lan.shared.rights import PROBE, check_rights
from lanchat.lan.shared.stream import RoomStream, Ways
from lanchat.layers import LayerUnreachable
from lanchat.layers.redis import deployment_of
from lanchat.layers.redis.connection import unreachable
from lanchat.protocol import Event, Haven
from lanchat.rooms import AT_MACHINE, Room, RoomRegistry, succession

_log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds after which a node looks whether there are other rooms."""
PATIENCE = 2.0
"""Seconds for which a new room waits for Redis, which a node that has just started finds a moment later, and then for a
server that answers."""
SETTING = "shared"
"""Where the journal keeps the mark of the nodes that share one Redis."""
_TIMEOUT = 3.0
_PLACES = 16
"""Most ids that are tried for a new room; where a third of a cluster is away, the last one is never needed."""


def _nobody(room: Room, events: Sequence[Event]) -> None:
    """Tell nobody."""


class SharedSettings(NamedTuple):
    """How a Redis is shared.

    Attributes:
        url: where it is.
        prefix: what the names of all keys begin with.
        replicas: how many replicas have to have on their disks what is acknowledged.
        keep: entries that Redis keeps of each room; 0 keeps all.
    """

    url: str
    prefix: str
    replicas: int
    keep: int


class SharedRooms:
    """Finds the rooms in Redis, makes new ones there, and links this node's mirrors to them.

    Args:
        settings: how it is shared.
        parts: what its rooms need of the node.
        where: gives `host:port` where guests reach this node; empty where none shall come.
        programs: others at this Redis who may speak and hear; None for nobody.

    Attributes:
        durability: when what Redis has done is kept.
        problem: a sentence that says why nothing is shared now; empty when all is well.
    """

    def __init__(
        self, settings: SharedSettings, parts: LinkParts, where: Callable[[], str], programs: Programs | None = None
    ) -> None:
        deployment = deployment_of(settings.url, _TIMEOUT)
        self.durability = Durability()
        self.problem = "Redis was not reached yet."
        self._settings = settings
        self._tell_programs = programs.note if programs is not None else _nobody
        self._parts = parts
        self._where = where
        self._ways = Ways(deployment.way(), deployment.way())
        self._catalogue = Catalogue(self._ways.reading, settings.prefix)
        self._company = Company(self._ways.reading, settings.prefix, parts.node, where)
        self._reader = deployment.topics(take=self._hear, on_lost=self._lost, on_back=self._wake)
        self._links: dict[str, SharedLink] = {}
        self._away = ""
        self._records: dict[str, RoomRecord] = {}
        self._ready = asyncio.Event()
        self._work = asyncio.Event()
        self._told: set[str] = set()

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room of that name, or of that id, that is known to be in Redis."""
        if room:
            return self._records.get(room)
        named = [record for record in self._records.values() if record.name == name]
        return min(named, key=lambda record: record.id, default=None)

    async def establish(self, record: RoomRecord) -> RoomRecord:
        """Make a new room in Redis, and return it, or the one of its name that is there already. Raises LayerError."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
        except TimeoutError:
            raise LayerUnreachable(f"No new room can be made now. {self.problem}") from None
        found = await self._catalogue.put(await self._placed(record), new=True)
        if found.id == record.id:
            await self.stream(found.id).found()
        self._records[found.id] = found
        return found

    def link(self, room: Room) -> SharedLink:
        """Begin to keep a mirror of a room in Redis."""
        parts, stream = self._parts, self.stream(room.id)
        inflow = Inflow(room, parts.node, parts.access, parts.notifications, parts.on_change, parts.limits)
        link = SharedLink(
            room,
            stream,
            parts.node,
            history=SharedHistory(room, stream, parts.journal, parts.doors, parts.seal, self._tell_programs),
            outbox=SharedOutbox(room, stream, parts.node, parts.journal, parts.seal, parts.access),
            passing=Passing(room, parts.node, inflow, parts.access, parts.count),
            company=self._company,
            access=parts.access,
            publish=self._publish,
            set_aside=parts.set_aside,
            on_change=parts.on_change,
            count=parts.count,
            ready=self._ready,
            on_release=self._work.set,
        )
        self._links[link.topic] = link
        self._reader.subscribe(link.topic)
        return link

    @property
    def server(self) -> str:
        """The server, as people call it."""
        return f"Redis at {self._ways.reading}"

    def passage(self, room: Room) -> Passage:
        """Return what moves a room into Redis. Raises CannotMove: nothing is shared now."""
        self._check()
        return Passage(room, self.stream(room.id), self._parts)

    async def release(self, room: Room) -> None:
        """Have Redis let go of a room, so that this node is its home. Raises CannotMove, LayerError."""
        self._check()
        await Departure(self.stream(room.id)).release(room.term, self._home())

    def look(self) -> None:
        """Look at once whether something has changed."""
        self._work.set()

    async def run(self, rooms: RoomRegistry) -> None:
        """Bring every room that is in Redis to this node, and every room of this node into Redis. Never ends.

        Args:
            rooms: those of this node.
        """
        self._reader.subscribe(self._catalogue.topic)
        placing = Placing(rooms, self._catalogue, self.stream, self._home, self._released)
        while True:
            self._work.clear()
            try:
                await self._look(rooms, placing)
                self._note("")
            except LanchatError as error:
                self._note(str(error))
                if not error.retry:
                    self._ready.clear()
            except Exception:  # noqa: BLE001 - rooms that come later must still be found
                _log.exception("The rooms in Redis could not be looked at")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK if not self.problem else min(LOOK, 0.5)):
                    await self._work.wait()

    @property
    def others(self) -> Sequence[Haven]:
        """Where guests reach the other nodes at this Redis, as far as they go there."""
        return self._company.others

    @property
    def behind(self) -> int:
        """How many entries this node lacks of what Redis has, as far as it knows."""
        return sum(link.behind for link in self._links.values())

    async def leave(self) -> None:
        """Let no guest of another node be sent here from now on; Redis that is away learns it by itself."""
        with contextlib.suppress(LanchatError):
            await self._company.meet()

    async def close(self) -> None:
        """End the connections to Redis."""
        await self._reader.close()
        for way in self._ways:
            await way.close()

    async def _look(self, rooms: RoomRegistry, placing: Placing) -> None:
        journal = self._parts.journal
        durability = await self._inspect() if self.problem or self._away else self.durability
        ours = ClusterMark.remembered((await journal.settings()).get(SETTING, ""))
        talks = any(room.top for room in rooms if succession.is_shared(room.record))
        mark = await self._catalogue.join(ours, talks=talks)
        if mark != ours:
            await journal.put_setting(SETTING, mark.line)
        self.durability.take(durability)
        for warning in durability.warnings:
            self._tell(warning)
        for topic in [topic for topic, link in self._links.items() if link.closed]:
            self._reader.unsubscribe(topic)
            del self._links[topic]
        await self._company.meet()
        listed = {record.id: record for record in await self._catalogue.rooms()}
        self._records = listed
        self._ready.set()
        await placing.settle(listed)
        self._parts.access.check(AT_MACHINE, "mirror")
        for record in listed.values():
            gone = isinstance(self._parts.doors.graves.missing(record.id), RoomDeleted)
            if record.id not in rooms and not gone:
                await rooms.enter(record.id)

    def _home(self) -> RoomHome:
        return RoomHome.of(self._parts.node, self._where())

    def _released(self, room: Room) -> bool:
        link = self._links.get(self.stream(room.id).topic)
        return link is not None and link.released

    def _check(self) -> None:
        if self.problem:
            raise CannotMove(f"Nothing moves now. {self.problem}")

    async def _placed(self, record: RoomRecord) -> RoomRecord:
        """Return a new room under an id whose server answers: in a cluster one may be away while the others go on."""
        with contextlib.suppress(TimeoutError):  # who waits here keeps everybody else from opening a room
            async with asyncio.timeout(PATIENCE):
                for _ in range(_PLACES):
                    with contextlib.suppress(LayerUnreachable):
                        await self.stream(record.id).view(0, 1)
                        break
                    record = succession.found(record.name, record.home, record.owner)
        return record

    async def _inspect(self) -> Durability:
        """Ask each server what it promises, and try what it allows; of several, one that is away is asked later."""
        found, self._away = [], ""
        for server in await self._ways.reading.servers(PROBE):
            try:
                found.append(await read_durability(server.way, self._settings.replicas))
                await check_rights(server, self._settings.prefix)
            except LayerUnreachable as error:
                self._away = str(error)
        if not found:
            raise LayerUnreachable(self._away)
        if self._away:
            self._tell(self._away)
        return together(found)

    def stream(self, room: str) -> RoomStream:
        """Return the keys of the room of this id."""
        return RoomStream(self._ways, self._settings.prefix, room, self.durability, self._settings.keep)

    def _publish(self, topic: str, body: bytes) -> None:
        self._ways.reading.post(("PUBLISH", topic, body))

    def _hear(self, topic: str, body: bytes) -> None:
        if link := self._links.get(topic):
            link.hear(body)
        elif topic == self._catalogue.topic:
            self._work.set()

    def _lost(self, error: BaseException) -> None:
        self._note(str(unreachable(self._ways.reading, error)))

    def _wake(self) -> None:
        self._work.set()
        for link in self._links.values():
            link.hear(WAKE)

    def _note(self, problem: str) -> None:
        if problem and problem != self.problem:
            _log.warning("%s", problem)
        elif not problem and self.problem:
            _log.info("This node shares its rooms through Redis")
            self._parts.count("shared_joined")
            self._parts.on_change()
        self.problem = problem

    def _tell(self, warning: str) -> None:
        if warning not in self._told:
            self._told.add(warning)
            _log.warning("%s", warning)
