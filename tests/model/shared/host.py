"""One host with a node of a shared room: real parts over a real SQLite file, without doors for clients."""

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Protocol

from lanchat.identity import PersonKey, Seal
from lanchat.journal import Draft, Journal, RoomRecord
from lanchat.lan.link import LinkParts
from lanchat.lan.shared import SharedNetwork, SharedRooms, SharedSettings
from lanchat.lan.shared.catalogue import ClusterMark
from lanchat.lan.shared.rooms import SETTING
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.metrics import uncounted
from lanchat.notify import Notifications
from lanchat.protocol import Error, Event, NodeInfo, decode_reply
from lanchat.rooms import Access, Doorkeeper, Room, RoomRegistry
from lanchat.rooms.network import ALONE
from tests.model.lines import Cable
from tests.model.shared.deployment import PlayedDeployment, PlayedRedis, url_of
from tests.support.checker import Journal as Kept
from tests.support.faults import lasting

PREFIX = "lanchat"
_LOOK = 0.2


class Listener(Protocol):
    """Somebody who is in the room at a host."""

    def take(self, events: Sequence[Event], renewed: int) -> None:
        """Events were kept; `renewed` grows when the history was replaced."""

    def refused(self, nonce: str) -> None:
        """A post was refused for good."""

    async def come_back(self) -> None:
        """The node was started."""


class Host:
    """A machine on which a node runs, most of the time.

    Args:
        key: of the person whose node it is.
        name: of the node.
        folder: its disk.
        redis: through which the room is shared.
        record: the room.
        chance: decides how long everything takes.
        faults: where is written down what must not be.

    Attributes:
        name: of the node.
        record: the room.
        seal: signs what is said here.
        cable: to the Redis.
        disk: where the node keeps its files now.
        life: how often the node has died.
        disk_full: whether every commit fails.
        room: the room, while the node runs.
        listeners: who is in it here.
    """

    def __init__(  # noqa: PLR0917
        self,
        key: PersonKey,
        name: str,
        folder: Path,
        redis: PlayedRedis,
        record: RoomRecord,
        chance: Random,
        faults: list[str],
    ) -> None:
        self.name = name
        self.seal = Seal(key)
        self.cable = Cable(chance)
        self.disk = folder / name / "0"
        self.life = 0
        self.disk_full = False
        self.room: Room | None = None
        self.listeners: list[Listener] = []
        self._redis = redis
        self.record = record
        self._chance = chance
        self._faults = faults
        self._info = NodeInfo(id=name * 8, name=name)
        self._stack = contextlib.AsyncExitStack()
        self.disk.mkdir(parents=True)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.disk / "lanchat.db"

    def deployment(self) -> PlayedDeployment:
        """Return the Redis as this host reaches it."""
        return PlayedDeployment(self._redis, self.name, self.cable)

    async def start(self) -> None:
        """Start the node."""
        async with contextlib.AsyncExitStack() as stack:
            layer = await stack.enter_async_context(InMemoryChannelLayer())
            journal = await stack.enter_async_context(Journal(self.database, self._publish))
            doors = Doorkeeper(journal.doors, self.seal.id)
            parts = LinkParts(
                node=self._info,
                journal=journal,
                seal=self.seal,
                access=Access(self.seal.id, doors),
                doors=doors,
                notifications=Notifications(layer),
                limits=Limits(),
                set_aside=self._set_aside,
                on_change=_nothing,
                count=uncounted,
            )
            shared = SharedRooms(SharedSettings(url_of(self.name), PREFIX, int(self._redis.replicated), 0), parts, str)
            stack.push_async_callback(shared.close)
            network = SharedNetwork(shared, ALONE, self._info)
            rooms = RoomRegistry(
                self._info, journal, layer, _nothing, parts.notifications, network=network, doors=doors
            )
            stack.push_async_callback(rooms.close)
            self.rooms, self.journal = rooms, journal
            await doors.graves.load()
            await rooms.load()
            self.room = await rooms.settle(self.record)
            for listener in self.listeners:
                await listener.come_back()
            _begin(stack, self._listen(layer, self.room.group))
            _begin(stack, network.run(rooms))
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        """End the node in an orderly way."""
        self.room = None
        await self._stack.aclose()

    async def crash(self) -> None:
        """Lose everything that is not on the disk, and start the node again.

        What the old one still does goes to a disk that nobody looks at, and reaches nobody.
        """
        self.life += 1
        left, self.disk = self.disk, self.disk.with_name(str(self.life))
        shutil.copytree(left, self.disk)
        listeners, self.listeners = self.listeners, []
        cable, self.cable = self.cable, Cable(self._chance)
        self.cable.whole = cable.whole
        cable.cut()
        await self.stop()
        self.listeners = listeners
        await self.start()

    async def events(self) -> list[Event]:
        """Return what the journal keeps of the room, as other nodes take it."""
        return [self.seal.leaving(event) for event in await self.journal.after(self.record.id, 0, 100_000)]

    async def waiting(self) -> list[Draft]:
        """Return what waits in the outbox."""
        return [draft for _, draft in await self.journal.outbox(self.record.id)]

    async def belongs(self) -> None:
        """Wait until the node remembers for good with whom it shares the Redis."""
        mark = None
        while mark is None or mark.new:
            await lasting(_LOOK)
            mark = ClusterMark.remembered((await self.journal.settings()).get(SETTING, ""))

    def kept(self) -> Kept:
        """Return what the database holds, for the checker."""
        return Kept.read(self.name, self.database)

    async def _publish(self, room: str, events: list[Event]) -> None:
        if events[-1].seq > self._redis.kept:
            self._faults.append(
                f"{self.name} has {events[-1].seq} entries, and no Redis let it have more than {self._redis.kept}"
            )
        if self.room is not None:
            for listener in self.listeners:
                listener.take(events, self.room.renewed)
        await self.rooms.publish(room, events)

    async def _listen(self, layer: InMemoryChannelLayer, group: str) -> None:
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        while True:
            message = await layer.receive(channel)
            if message["type"] == "room.refused" and isinstance(error := decode_reply(message["frame"]), Error):
                for listener in self.listeners:
                    listener.refused(error.nonce)

    async def _set_aside(self, room: Room) -> None:
        self._faults.append(f"{self.name} cannot go on from where it is in {room.name}")


def _begin(stack: contextlib.AsyncExitStack, work: object) -> None:
    """Do something until the stack is unwound."""
    task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task})

    stack.push_async_callback(end)


def _nothing() -> None: ...
